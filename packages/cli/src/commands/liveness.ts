import { livenessJson, queryLiveness, type LivenessPorts } from '@holdfast/projections'
import type { LivenessAnswer } from '@holdfast/server/schemas'
import { EXIT } from '../failure/exit-code.ts'
import { workingFolder } from '../input/environment.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { progressProbes, progressSources, type ProgressSources } from '../input/progress-probes.ts'
import { plain } from '../print/plain.ts'
import { table, wrapped } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { distance } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import { waitLine } from '../print/wait-line.ts'

/** `liveness`: whether each lease is moving, what is to stop and what is starting. */
export const liveness: Define = (command, shell) => {
  examples(command, 'holdfast liveness', 'holdfast liveness --config holdfast.config.json --json')
  shell.does(command, async () => {
    const local = await localConfiguration(shell.globals.config, workingFolder())
    const settings = local.liveness
    const sources = progressSources(local)
    const unknown = new Set<string>()
    await using ledger = await openFold(shell)
    const { at, fold, nowMs, store, stream } = ledger
    const { systemProbe: probe } = await import('@holdfast/engine/lean')
    const progress = progressIn(sources, fold.state.config, unknown)
    const view = await queryLiveness(store, stream, fold, { settings, probe, progress })
    const { leases, ...intents } = livenessJson(view)
    const answer: LivenessAnswer = {
      ...at,
      liveness: leases,
      ...intents,
      progress: { ...sources, unknown: [...unknown] },
    }
    await shell.answer(answer, () => lines(answer, nowMs))
    return EXIT.done
  })
}

/** Looks for work where the configuration says. Its clock is this host's, so the span counts and not the instants. */
export function progressIn(
  sources: ProgressSources,
  config: { readonly caseSensitive: boolean },
  unknown: Set<string>,
): LivenessPorts['progress'] {
  return async ({ region, runId, workTree }, { sinceMs, nowMs }) => {
    const { gatherProgress } = await import('@holdfast/engine')
    const query = { region, runId, workTree, sinceMs: Date.now() - (nowMs - sinceMs) }
    const found = await gatherProgress(await progressProbes(sources, config), query)
    for (const { probe, detail } of found.unknown) unknown.add(`${probe}: ${detail}`)
    return found
  }
}

const TONES = {
  WAITING: tone.warn,
  ADVANCING: tone.good,
  SPINNING: tone.warn,
  STALLED: tone.bad,
  UNKNOWN: tone.warn,
} as const

/** The basis says in a word what the reason says in a sentence. */
const FIT = { shorten: [0, 1], leaveOut: [4, 3, 5] } as const

function lines(
  { liveness, halts, spawning, waiting = [], progress }: LivenessAnswer,
  nowMs: number,
): readonly string[] {
  const headings = ['LANE', 'HOLDER', 'VERDICT', 'BASIS', 'PROCESS', 'REASON'].map(tone.faint)
  const rows = liveness.map(({ lane, holder, verdict, basis, process, reason, expired }) => {
    return [lane, holder, TONES[verdict](verdict), basis, process, reason + (expired ? ' (expired)' : '')]
  })
  const told = [
    ...spawning.map(({ lane, holder, until }) => {
      return `spawning  ${lane}  ${holder}, expected ${distance(Date.parse(until), nowMs)} at the latest`
    }),
    ...halts.map(({ handle, status, leaseId, haltedAt, command }) => {
      const when = distance(Date.parse(haltedAt), nowMs)
      const proposed = command === null ? '' : `; proposes: ${plain(command)}`
      return `halt  ${plain(handle)}  ${status}, ${leaseId ?? 'matches nothing'}, ${when}${proposed}`
    }),
  ]
  const looked = [progress.files ? 'files changed under the region' : '', progress.commits ? 'commits' : '']
  const where = looked.filter(text => text !== '').join(' and ')
  const note = where === '' ? 'Work: the log alone.' : `Work: the log, ${where} in ${progress.directory}.`
  const untold = progress.unknown.map(text => tone.warn(`Not known: ${plain(text)}`))
  const columns = terminalColumns()
  const below = [...told, ...wrapped(note, columns).map(tone.faint), ...untold]
  const above = waiting.map(wait => waitLine({ ...wait, sinceMs: Date.parse(wait.since) }, nowMs))
  return [
    ...above.flatMap(line => wrapped(line, columns)),
    ...(rows.length === 0 ? ['No leases.'] : table([headings, ...rows], { columns, ...FIT })),
    ...below.flatMap(line => wrapped(line, columns)),
  ]
}
