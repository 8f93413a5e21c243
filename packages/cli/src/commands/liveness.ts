import { resolve } from 'node:path'
import { livenessJson, LivenessSettings, queryLiveness, type LivenessPorts } from '@holdfast/projections'
import { firstFaults } from '../input/first-faults.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { table } from '../print/table.ts'
import { distance } from '../print/times.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { openFold } from '../program/open-fold.ts'
import { UsageError } from '../program/usage-error.ts'
import type { LivenessAnswer } from '../schemas/liveness.ts'
import type { Define } from './define.ts'

type Sources = LivenessAnswer['progress']

/** `liveness`: whether each lease is moving, what is to stop and what is starting. */
export const liveness: Define = (command, shell) => {
  examples(command, 'holdfast liveness', 'holdfast liveness --config holdfast.config.json --json')
  shell.does(command, async () => {
    const local = await localConfiguration(shell.globals.config, process.cwd())
    const settings = LivenessSettings.safeParse(local.liveness ?? {})
    if (!settings.success) throw new UsageError(`liveness: ${firstFaults(settings.error)}`)
    const { directory = '.', files, commits } = local.progress
    const sources = { directory: resolve(directory), files, commits }
    await using ledger = await openFold(shell)
    const { at, fold, nowMs, store, stream } = ledger
    const { systemProbe: probe } = await import('@holdfast/engine/lean')
    const progress = progressIn(sources, fold.state.config.caseSensitive)
    const view = await queryLiveness(store, stream, fold, { settings: settings.data, probe, progress })
    const { leases, ...intents } = livenessJson(view)
    const answer: LivenessAnswer = { ...at, liveness: leases, ...intents, progress: sources }
    await shell.answer(answer, () => lines(answer, nowMs))
    return EXIT.done
  })
}

/** Looks for work where the configuration says. Its clock is this host's, so the span counts and not the instants. */
function progressIn({ directory, files, commits }: Sources, caseSensitive: boolean): LivenessPorts['progress'] {
  return async ({ region, runId }, { sinceMs, nowMs }) => {
    const { changedFiles, gatherProgress, gitCommits } = await import('@holdfast/engine')
    const probes = [
      ...(files ? [changedFiles({ directory, caseSensitive })] : []),
      ...(commits ? [gitCommits({ directory })] : []),
    ]
    return gatherProgress(probes, { region, runId, sinceMs: Date.now() - (nowMs - sinceMs) })
  }
}

const TONES = { ADVANCING: tone.good, SPINNING: tone.warn, STALLED: tone.bad } as const

function lines({ liveness, halts, spawning, progress }: LivenessAnswer, nowMs: number): readonly string[] {
  const headings = ['LANE', 'HOLDER', 'VERDICT', 'BASIS', 'PROCESS', 'REASON'].map(tone.faint)
  const rows = liveness.map(({ lane, holder, verdict, basis, process, reason, expired }) => {
    return [lane, holder, TONES[verdict](verdict), basis, process, reason + (expired ? ' (expired)' : '')]
  })
  const told = [
    ...spawning.map(({ lane, holder, until }) => {
      return `spawning  ${lane}  ${holder}, expected ${distance(Date.parse(until), nowMs)} at the latest`
    }),
    ...halts.map(({ handle, status, leaseId, haltedAt }) => {
      return `halt  ${plain(handle)}  ${status}, ${leaseId ?? 'matches nothing'}, ${distance(Date.parse(haltedAt), nowMs)}`
    }),
  ]
  const looked = [progress.files ? 'files changed under the region' : '', progress.commits ? 'commits' : '']
  const where = looked.filter(text => text !== '').join(' and ')
  const note = where === '' ? 'Work: the log alone.' : `Work: the log, ${where} in ${progress.directory}.`
  return [...(rows.length === 0 ? ['No leases.'] : table([headings, ...rows])), ...told, tone.faint(note)]
}
