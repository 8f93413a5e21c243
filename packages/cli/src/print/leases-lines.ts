import type { WorkTree } from '@holdfast/core'
import { inDifferentTrees, treeName } from '@holdfast/core/internal'
import type { DrainingJson, HaltJson, LeaseJson } from '@holdfast/projections'
import type { LeasesAnswer } from '@holdfast/server/schemas'
import { haltLine, processText, restoredLine } from '@holdfast/server/text'
import { plain } from './plain.ts'
import { table } from './table.ts'
import { terminalColumns } from './text-stream.ts'
import { distance } from './times.ts'
import { tone } from './tone.ts'

/** Names and regions are shortened where there is no room; then the process is left out, then the beat. */
const FIT = { shorten: [0, 1, 6, 7], leaveOut: [6, 4] } as const

/** The tree stands before the region, and is shortened like it. */
const FIT_WITH_TREES = { ...FIT, shorten: [...FIT.shorten, 8] } as const

const HEADINGS = ['LANE', 'HOLDER', 'TOKEN', 'STATE', 'BEAT', 'EXPIRES', 'PROCESS', 'REGION']

/** The live set as a table, what drains below it, and what is to be known of either. */
export function leasesLines(
  { leases, draining, halts }: LeasesAnswer,
  { nowMs, asker }: { readonly nowMs: number; readonly asker: WorkTree | null },
): readonly string[] {
  if (leases.length === 0 && draining.length === 0) return ['No leases.']
  const lanes = draining.filter(({ ledgerWide }) => ledgerWide !== true)
  const rows = [
    ...leases.map(lease => leaseRow(lease, halts.filter(halt => isOf(halt, lease)).length > 0, nowMs)),
    ...lanes.map(entry => drainingRow(entry, nowMs)),
  ]
  return [
    ...(rows.length === 0 ? ['No leases.'] : treeTable(rows, [...leases, ...lanes], asker)),
    ...draining.filter(({ ledgerWide }) => ledgerWide === true).map(entry => restoredLine(entry, nowMs)),
    ...halts.map(halt => haltLine(halt, nowMs)),
  ]
}

/**
 * The table of what stands in `rows`, with the tree of each where there are several, the asker's among them: one, known or
 * not, says nothing.
 */
function treeTable(
  rows: readonly (readonly string[])[],
  of: readonly Pick<LeaseJson, 'workTree'>[],
  asker: WorkTree | null,
): string[] {
  const whole = [HEADINGS.map(tone.faint), ...rows]
  const columns = terminalColumns()
  const known = new Set(of.flatMap(({ workTree }) => (workTree === null ? [] : [workTree.id])))
  const isElsewhere = of.some(({ workTree }) => workTree !== null && inDifferentTrees(workTree, asker))
  if (known.size < 2 && !isElsewhere) return table(whole, { columns, ...FIT })
  const trees = [tone.faint('TREE'), ...of.map(({ workTree }) => (workTree === null ? '-' : plain(treeName(workTree))))]
  const withTrees = whole.map((cells, index) => [...cells.slice(0, -1), trees[index] ?? '', ...cells.slice(-1)])
  return table(withTrees, { columns, ...FIT_WITH_TREES })
}

function isOf({ leaseId, token }: HaltJson, lease: LeaseJson): boolean {
  return leaseId === lease.leaseId && token === lease.token
}

function leaseRow(lease: LeaseJson, halted: boolean, nowMs: number): readonly string[] {
  return [
    plain(lease.lane),
    plain(lease.holder),
    String(lease.token),
    stateOf(lease, nowMs) + (halted ? tone.warn(', halt') : ''),
    distance(Date.parse(lease.lastBeatAt), nowMs),
    distance(Date.parse(lease.expiresAt), nowMs),
    lease.process === null ? '-' : processText(lease.process),
    regionText(lease),
  ]
}

/** Nobody's any more, and closed all the same: `EXPIRES` says until when. */
function drainingRow(entry: DrainingJson, nowMs: number): readonly string[] {
  const { lane, holder, token, until } = entry
  const ends = distance(Date.parse(until), nowMs)
  return [plain(lane), plain(holder), String(token), tone.warn('draining'), '-', ends, '-', regionText(entry)]
}

function regionText({ region, mode }: Pick<LeaseJson, 'region' | 'mode'>): string {
  return (region.length === 0 ? '-' : region.map(plain).join(' ')) + (mode === 'shared' ? ' (shared)' : '')
}

function stateOf(lease: LeaseJson, nowMs: number): string {
  if (lease.expired) return tone.bad('expired')
  if (lease.exit !== null) return tone.warn('exited')
  if (lease.draining.length > 0) return tone.warn('draining')
  return Date.parse(lease.safeUntil) <= nowMs ? tone.warn('in grace') : tone.good('held')
}
