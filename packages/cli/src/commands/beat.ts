import { once } from 'node:events'
import { statSync } from 'node:fs'
import { DROPPED_KEY, droppedKeyIn } from '@holdfast/core/internal'
import {
  fileSink,
  Heartbeat,
  heartbeatPolicy,
  presenceSink,
  type Beat,
  type BeatMetadata,
  type BeatSink,
  type HeartbeatError,
} from '@holdfast/engine'
import { instantOf } from '@holdfast/projections'
import * as z from 'zod'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import type { BeatLine } from '../schemas/presence.ts'

interface BeatFlags {
  readonly interval?: string
  readonly once?: boolean
  readonly metadata?: string
  readonly fsync?: boolean
}

/** `beat`: writes a heartbeat file, again and again until interrupted. It tells of misses and otherwise only with --json. */
export const beat: Define = (command, shell) => {
  command
    .argument(
      '<file>',
      'heartbeat file; its folder is created. A folder (run/) gets a file for this process, for `presence`',
    )
    .option('--interval <span>', 'time between two beats (default 10s)')
    .option('--once', 'write one beat and exit')
    .option('--metadata <json>', 'JSON object to write with each beat')
    .option('--fsync', 'write each beat so that it survives a power cut')
  examples(command, 'holdfast beat run/ --interval 5s', `holdfast beat run/me.json --once --metadata '{"step":2}'`)
  shell.does(command, async (file: string, flags: BeatFlags) => {
    const policy = heartbeatPolicy({ interval: flags.interval })
    if (policy.clamped !== null) shell.out.remark(`holdfast: ${policy.clamped.message}`)
    const metadata = metadataOf(flags.metadata)
    const sink = sinkAt(file, flags)
    if (flags.once === true) {
      const heartbeat = new Heartbeat({ sink, policy, metadata })
      await tell(shell, sink.name, await heartbeat.beat())
      return EXIT.done
    }
    await using heartbeat = new Heartbeat({
      sink,
      policy,
      metadata,
      keepAlive: true,
      onBeat: shell.json ? told => tell(shell, sink.name, told) : undefined,
      onMissedBeat: error => missed(shell, error),
    })
    // A folder that cannot be written is told at once, and not missed for ever.
    const first = await heartbeat.beat()
    if (!shell.json) await tell(shell, sink.name, first)
    const stopped = shell.interruption.signal()
    heartbeat.start()
    if (!stopped.aborted) await once(stopped, 'abort')
    await heartbeat.shutdown()
    shell.interruption.settled()
    return EXIT.done
  })
}

/** In a folder each process that beats has a file of its own. */
function sinkAt(place: string, flags: BeatFlags): BeatSink {
  if (place === '') throw new UsageError('file: it must not be empty; name a file, or a folder.')
  if (!/[\\/]$/.test(place) && !isFolder(place)) return fileSink(place, { fsync: flags.fsync })
  if (flags.once === true) {
    throw new UsageError(
      'once: this process ends at once, so a file of its own in a folder would be orphaned; name a file instead.',
    )
  }
  return presenceSink(place, { fsync: flags.fsync })
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}

async function tell(shell: Shell, file: string, { atMs, pid, hostname, metadata }: Beat): Promise<void> {
  const line: BeatLine = { file, at: instantOf(atMs), pid, hostname, metadata: { ...metadata } }
  await shell.answer(line, () => [`${tone.good('beats')}  ${plain(file)}  pid ${pid} on ${plain(hostname)}`])
  await shell.out.flush()
}

function missed(shell: Shell, error: HeartbeatError): void {
  shell.out.fail(error, shell.json)
}

const Metadata = z.record(z.string(), z.json())

function metadataOf(text: string | undefined): BeatMetadata {
  if (text === undefined) return {}
  try {
    const document: unknown = JSON.parse(text)
    const dropped = droppedKeyIn(document)
    if (dropped !== null) throw new UsageError(`metadata: the name ${DROPPED_KEY} cannot be used (${dropped}).`)
    return Metadata.parse(document)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`metadata: ${JSON.stringify(text)} is no JSON object; write one like {"step": 2}.`, { cause })
  }
}
