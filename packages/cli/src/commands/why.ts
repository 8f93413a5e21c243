import { canonical, tokenAt, waitingCycles } from '@holdfast/core'
import {
  explainEvent,
  instantOf,
  leaseJson,
  lineageJson,
  queryLeases,
  readPast,
  ticketJson,
  ticketViews,
} from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import { logLine } from '../answer/log-line.ts'
import { blockerAnswer } from '../answer/refused-answer.ts'
import { revisionIn } from '../input/history-point.ts'
import { explainedLines, knownLines } from '../print/why-lines.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { Define } from './define.ts'

/** Refusals of a lane or lease that are told. */
const REFUSALS_TOLD = 5

/** Newest events of a name that are looked through for refusals. */
const EVENTS_LOOKED_AT = 1000

/** `why`: explains a recorded event, or how a lane or a lease came to be as it is. */
export const why: Define = (command, shell) => {
  command.argument('<what>', 'r<revision> (the id of a refusal), a leaseId or a lane')
  examples(command, 'holdfast why r1403', 'holdfast why api --json')
  shell.does(command, async (what: string) => {
    await using ledger = await openFold(shell)
    const revision = revisionIn(what)
    await (revision === undefined ? whyName(shell, ledger, what) : whyEvent(shell, ledger, revision))
    return EXIT.done
  })
}

async function whyEvent(shell: Shell, { at, store, stream, nowMs }: OpenFold, revision: number): Promise<void> {
  const explained = await explainEvent(store, stream, revision)
  if (explained === null) {
    const message = `Nothing stands at r${revision}: it is yet to come, falls into a gap, or was dropped from the archive. \`holdfast log\` shows what there is.`
    throw new StoreError('invalid', message)
  }
  const { entry, causedBy, blockers, grantedLater: grant } = explained
  const answer = {
    ...at,
    about: 'revision',
    event: logLine(entry),
    causedBy: causedBy === null ? null : logLine(causedBy),
    blockers: blockers.map(leaseJson),
    grantedLater:
      grant === null
        ? null
        : {
            revision: grant.revision,
            at: instantOf(grant.recordedAt),
            leaseId: grant.data.leaseId,
            token: tokenAt(grant.revision),
          },
  }
  await shell.answer(answer, () => explainedLines(explained, nowMs))
}

async function whyName(
  shell: Shell,
  { at, fold, nowMs, ownClock, store, stream }: OpenFold,
  name: string,
): Promise<void> {
  const { events, ...rest } = await readPast(store, stream, { name, last: EVENTS_LOOKED_AT, nowMs })
  const past = { ...rest, events: events.filter(({ type }) => type === 'REFUSE').slice(-REFUSALS_TOLD) }
  const leases = queryLeases(fold, nowMs).filter(
    ({ lane, leaseId }) => canonical(lane) === canonical(name) || leaseId === name,
  )
  const lanes = new Set<string>([name, ...leases.map(({ lane }) => lane)])
  const waiting = ticketViews(fold.state, nowMs).filter(({ lane }) => lanes.has(lane))
  const cycles = waitingCycles(fold.state, nowMs, ownClock).filter(cycle =>
    cycle.some(({ lane, blocker }) => lanes.has(lane) || blocker.leaseId === name),
  )
  const answer = {
    ...at,
    about: 'name',
    name,
    leases: leases.map(leaseJson),
    waiting: waiting.map(ticketJson),
    cycles: cycles.map(cycle => cycle.map(link => ({ ...link, blocker: blockerAnswer(link.blocker) }))),
    lineage: past.lineages.map(lineageJson),
    refusals: past.events.map(logLine),
  }
  await shell.answer(answer, () => knownLines({ name, leases, waiting, cycles, past }, nowMs))
}
