import { plain } from '../print/plain.ts'
import { clock, distance, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { columnsOf, cut, padded, shortened } from './cells.ts'
import { basisText, evidenceText, verdictText } from './evidence.ts'
import type { WatchedLease } from './snapshot.ts'

export interface TableOptions {
  /** Columns that a line may take; `null`: no limit. */
  readonly columns: number | null
  /** The log clock. */
  readonly nowMs: number
  /** The store does not answer, so verdicts may have changed. */
  readonly isStale: boolean
  readonly selected: string | null
}

/** Between two columns, where there is room and where there is little. */
const GAP = 2
const GAP_NARROW = 1

/** A name is not shortened below this for the sake of a less important column. */
const NAME_MIN = 10

/** A sentence needs so much room, or else one word is told. */
const EVIDENCE_MIN = 24

/** One word of evidence. */
const BASIS_MIN = 'delta-unknown'.length

/** In front of the selected lease. */
const MARK_COLUMNS = 2

const HEADINGS = {
  lane: 'LANE',
  holder: 'HOLDER',
  token: 'TOKEN',
  kind: 'KIND',
  since: 'SINCE',
  until: 'UNTIL',
  verdict: 'VERDICT',
  evidence: 'EVIDENCE',
} as const
type Column = keyof typeof HEADINGS

const COLUMNS: readonly Column[] = ['lane', 'holder', 'token', 'kind', 'since', 'until', 'verdict', 'evidence']

/** What gives way where there is little room, the first of it first. */
const GIVE_WAY: readonly Column[] = ['kind', 'since', 'token']

type Cells = Record<Column, string>

/** The heading and a line for each lease. Only what is seen is given to it. */
export function leaseTable(leases: readonly WatchedLease[], options: TableOptions): readonly string[] {
  const { columns, selected } = options
  const rows = leases.map(lease => cellsOf(lease, options))
  const wanted = leases.some(({ lease }) => lease.kind !== null) ? COLUMNS : COLUMNS.filter(name => name !== 'kind')
  const { widths, gap, isBrief } = layout(rows, wanted, columns)
  const line = (cells: Cells, mark: string): string => {
    const fitted = [...widths].map(([column, width]) => {
      const cell = cells[column]
      if (columns === null) return column === 'evidence' ? cell : padded(cell, width)
      const fits = column === 'lane' || column === 'holder' ? shortened(cell, width) : cut(cell, width)
      return padded(fits, width)
    })
    return (mark.padEnd(MARK_COLUMNS) + fitted.join(' '.repeat(gap))).trimEnd()
  }
  return [
    tone.faint(line(HEADINGS, '')),
    ...leases.map((watched, index) => {
      const cells = rows[index] ?? cellsOf(watched, options)
      const told = isBrief ? { ...cells, evidence: basisText(watched) } : cells
      return watched.lease.leaseId === selected ? tone.strong(line(told, '>')) : line(told, '')
    }),
  ]
}

function cellsOf(watched: WatchedLease, { nowMs, isStale, columns }: TableOptions): Cells {
  const { lane, holder, token, kind, ownedSinceMs, expiresAtMs } = watched.lease
  return {
    lane: plain(lane),
    holder: plain(holder),
    token: String(token),
    kind: plain(kind ?? ''),
    since: span(Math.max(0, nowMs - ownedSinceMs)),
    until: columns === null || columns >= WIDE ? untilText(expiresAtMs, nowMs) : distance(expiresAtMs, nowMs),
    verdict: verdictText(watched, isStale),
    evidence: plain(evidenceText(watched, nowMs)),
  }
}

/** From this width on an instant is told by the clock as well. */
const WIDE = 110

/** `14:05:30Z (in 5min)`; with the date on another day. */
function untilText(atMs: number, nowMs: number): string {
  const at = clock(atMs)
  const isToday = at.slice(0, 10) === clock(nowMs).slice(0, 10)
  return `${isToday ? at.slice(11) : at} (${distance(atMs, nowMs)})`
}

interface Layout {
  readonly widths: ReadonlyMap<Column, number>
  readonly gap: number
  /** There is room for a word of evidence, not for a sentence. */
  readonly isBrief: boolean
}

function layout(rows: readonly Cells[], wanted: readonly Column[], columns: number | null): Layout {
  const natural = new Map(
    wanted.map(column => {
      const cells = [HEADINGS[column], ...rows.map(row => row[column])]
      return [column, Math.max(...cells.map(columnsOf))] as const
    }),
  )
  if (columns === null) return { widths: natural, gap: GAP, isBrief: false }
  const least = (column: Column): number => {
    const full = natural.get(column) ?? 0
    if (column === 'lane' || column === 'holder') return Math.min(full, NAME_MIN)
    return column === 'evidence' ? Math.min(full, EVIDENCE_MIN) : full
  }
  const room = columns - MARK_COLUMNS
  let kept = [...wanted]
  for (const column of GIVE_WAY) {
    if (lengthOf(kept.map(least), GAP) <= room) break
    kept = kept.filter(each => each !== column)
  }
  const isBrief = lengthOf(kept.map(least), GAP) > room
  const gap = isBrief ? GAP_NARROW : GAP
  return { widths: shared(kept, { natural, room, gap, isBrief }), gap, isBrief }
}

interface Share {
  readonly natural: ReadonlyMap<Column, number>
  readonly room: number
  readonly gap: number
  readonly isBrief: boolean
}

/** Names take what the others leave, the shorter of them whole if that is possible; evidence takes the rest. */
function shared(kept: readonly Column[], { natural, room, gap, isBrief }: Share): ReadonlyMap<Column, number> {
  const widths = new Map(kept.map(column => [column, natural.get(column) ?? 0]))
  const others = kept.filter(column => column !== 'lane' && column !== 'holder' && column !== 'evidence')
  const evidenceMin = Math.min(widths.get('evidence') ?? 0, isBrief ? BASIS_MIN : EVIDENCE_MIN)
  const taken = others.reduce((sum, column) => sum + (widths.get(column) ?? 0), evidenceMin) + gap * (kept.length - 1)
  const forNames = Math.max(0, room - taken)
  const lane = widths.get('lane') ?? 0
  const holder = widths.get('holder') ?? 0
  const half = Math.floor(forNames / 2)
  const laneGets = Math.min(lane, Math.max(half, forNames - holder))
  widths.set('lane', laneGets)
  widths.set('holder', Math.min(holder, forNames - laneGets))
  const used = [...widths].reduce((sum, [column, width]) => sum + (column === 'evidence' ? 0 : width), 0)
  widths.set('evidence', Math.max(0, room - used - gap * (kept.length - 1)))
  return widths
}

function lengthOf(widths: readonly number[], gap: number): number {
  return widths.reduce((sum, width) => sum + width + gap, -gap)
}
