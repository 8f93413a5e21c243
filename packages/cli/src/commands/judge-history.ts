import { HealthPolicy } from '@holdfast/core'
import {
  instantOf,
  LivenessSettings,
  readjudicate,
  stateAt,
  type Adjudicated,
  type AdjudicatedRange,
  type Adjudication,
  type HistoryPoint,
} from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { allFaults } from '../input/faults.ts'
import { demandPast } from '../input/history-point.ts'
import { readJson } from '../input/read-json.ts'
import { plain } from '../print/plain.ts'
import { clock } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { askedPoint } from '../program/asked-point.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { AdjudicatedLine } from '../schemas/judge.ts'

/** `judge V --over A..B --policy FILE`: judges what the log holds again, one line a verdict that differs from the last. */
export async function judgeHistory(
  shell: Shell,
  verdict: string,
  { over, policy }: { readonly over: string; readonly policy: string | undefined },
): Promise<number> {
  const range = await rangeOf(shell, over)
  const adjudication = await adjudicationOf(verdict, policy)
  await using ledger = await openFold(shell)
  await demandOrder(ledger, range, over)
  for await (const one of readjudicate(ledger.store, ledger.stream, range, adjudication)) {
    if (shell.out.closed.aborted) break
    await (shell.json ? shell.out.json(lineOf(one)) : shell.out.line(text(one)))
  }
  return EXIT.done
}

async function rangeOf(shell: Shell, over: string): Promise<AdjudicatedRange> {
  const [from, to, ...more] = over.split('..')
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError(`over: ${JSON.stringify(over)} is no range; write one like r100..r200, or r100.. to the end.`)
  }
  return {
    from: from === '' ? null : await askedPoint(shell, from, 'over'),
    to: to === '' ? null : await askedPoint(shell, to, 'over'),
  }
}

/** Both points lie in the past, the first of them not after the second. */
async function demandOrder(
  { at, nowMs, store, stream }: OpenFold,
  { from, to }: AdjudicatedRange,
  over: string,
): Promise<void> {
  for (const point of [from, to]) if (point !== null) demandPast(point, 'over', { head: at.head, nowMs })
  if (from === null || to === null) return
  const isSwapped =
    'revision' in from && 'revision' in to
      ? from.revision > to.revision
      : (await timeOf(store, stream, from)) > (await timeOf(store, stream, to))
  if (isSwapped) throw new UsageError(`over: ${JSON.stringify(over)} begins after its end; swap the two points.`)
}

/** A revision and a time are compared by when the revision was written. */
async function timeOf(store: OpenFold['store'], stream: string, point: HistoryPoint): Promise<number> {
  return 'atMs' in point ? point.atMs : (await stateAt(store, stream, point)).state.clockMs
}

async function adjudicationOf(verdict: string, policy: string | undefined): Promise<Adjudication> {
  const document = policy === undefined ? {} : await readJson(policy)
  switch (verdict) {
    case 'liveness': {
      const settings = LivenessSettings.safeParse(document)
      if (!settings.success) throw new UsageError(`policy: ${allFaults(settings.error)}`)
      return { verdict, settings: settings.data }
    }
    case 'health': {
      const parsed = HealthPolicy.safeParse(document)
      if (!parsed.success) throw new UsageError(`policy: ${allFaults(parsed.error)} (give --policy FILE)`)
      return { verdict, policy: parsed.data }
    }
    default:
      throw new UsageError(`over: the log does not hold what ${verdict} is judged on; liveness and health can be.`)
  }
}

function lineOf({ atMs, ...same }: Adjudicated): AdjudicatedLine {
  return { ...same, at: instantOf(atMs) }
}

function text({ atMs, revision, leaseId, holder, verdict, basis, reason }: Adjudicated): string {
  const who = `${leaseId} of ${plain(holder)}`
  return [`r${revision}`, clock(atMs), who, tone.strong(verdict), basis, reason].join('  ')
}
