import { leaseJson, queryLeases, type LeaseJson } from '@holdfast/projections'
import { historyPoint } from '../input/history-point.ts'
import { plain } from '../print/plain.ts'
import { processText } from '../print/process-text.ts'
import { table } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { distance } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { asItWas } from '../program/as-it-was.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { openFold } from '../program/open-fold.ts'
import type { LeasesAnswer } from '../schemas/leases.ts'
import type { Define } from './define.ts'

/** `leases`: the live set, expired ones marked. */
export const leases: Define = (command, shell) => {
  command.option('--at <point>', 'as they were: after r<revision>, or at a time such as 2026-05-01T14:03:00Z')
  examples(command, 'holdfast leases', "holdfast leases --at 2026-05-01T14:03:00Z --json | jq -r '.leases[].lane'")
  shell.does(command, async ({ at: point }: { readonly at?: string }) => {
    await using ledger = await openFold(shell)
    const { at, fold, nowMs } = point === undefined ? ledger : await asItWas(ledger, historyPoint(point, 'at'))
    const answer: LeasesAnswer = { ...at, leases: queryLeases(fold, nowMs).map(leaseJson) }
    await shell.answer(answer, ({ leases }) => lines(leases, nowMs))
    return EXIT.done
  })
}

/** Names and regions are shortened where there is no room; then the process is left out, then the beat. */
const FIT = { shorten: [0, 1, 6, 7], leaveOut: [6, 4] } as const

/** The tree stands before the region, and is shortened like it. */
const FIT_WITH_TREES = { ...FIT, shorten: [...FIT.shorten, 8] } as const

const HEADINGS = ['LANE', 'HOLDER', 'TOKEN', 'STATE', 'BEAT', 'EXPIRES', 'PROCESS', 'REGION']

function lines(leases: readonly LeaseJson[], nowMs: number): readonly string[] {
  if (leases.length === 0) return ['No leases.']
  const rows = [HEADINGS.map(tone.faint), ...leases.map(lease => row(lease, nowMs))]
  const columns = terminalColumns()
  if (!hasSeveralTrees(leases)) return table(rows, { columns, ...FIT })
  const trees = [tone.faint('TREE'), ...leases.map(({ workTree }) => (workTree === null ? '-' : plain(workTree.id)))]
  const withTrees = rows.map((cells, index) => [...cells.slice(0, -1), trees[index] ?? '', ...cells.slice(-1)])
  return table(withTrees, { columns, ...FIT_WITH_TREES })
}

/** One tree, known or not, says nothing. */
function hasSeveralTrees(leases: readonly LeaseJson[]): boolean {
  return new Set(leases.flatMap(({ workTree }) => (workTree === null ? [] : [workTree.id]))).size > 1
}

function row(lease: LeaseJson, nowMs: number): readonly string[] {
  return [
    lease.lane,
    lease.holder,
    String(lease.token),
    stateOf(lease, nowMs),
    distance(Date.parse(lease.lastBeatAt), nowMs),
    distance(Date.parse(lease.expiresAt), nowMs),
    lease.process === null ? '-' : processText(lease.process),
    (lease.region.length === 0 ? '-' : lease.region.join(' ')) + (lease.mode === 'shared' ? ' (shared)' : ''),
  ]
}

function stateOf(lease: LeaseJson, nowMs: number): string {
  if (lease.expired) return tone.bad('expired')
  if (lease.exit !== null) return tone.warn('exited')
  if (lease.draining.length > 0) return tone.warn('draining')
  return Date.parse(lease.safeUntil) <= nowMs ? tone.warn('in grace') : tone.good('held')
}
