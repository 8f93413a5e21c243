import { plain, screened } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { broken, columnsOf, cut, ending } from './cells.ts'
import { leaseSentence } from './evidence.ts'
import { headerLines, type HeaderParts } from './header.ts'
import { leaseTable } from './lease-table.ts'
import { placeOf, type Mode, type ScreenState } from './screen-state.ts'
import { sectionLines, sectionsOf } from './sections.ts'
import type { Snapshot, WatchedLease } from './snapshot.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** All that a frame is drawn from. */
export interface FrameParts extends Omit<HeaderParts, 'shown' | 'choice'> {
  readonly state: ScreenState
  /** Of this holder alone. */
  readonly holder: string | null
  /** The leases that are wanted, in their order. */
  readonly leases: readonly WatchedLease[]
  /** The log clock now. */
  readonly nowMs: number
}

/** A snapshot that is older says no longer what is. */
const STALE_AFTER_MS = 10_000

/** Lines of the header, and of the table's heading with the line of keys. */
const HEADER_ROWS = 3
const FRAME_ROWS = 2

/** Below this height there is only the list. */
const DETAIL_FROM_ROWS = 14
const SECTIONS_FROM_ROWS = 20

/** Lines that tell of the selected lease. */
const DETAIL_ROWS = 2

/** The list keeps so many lines before anything else gets one, and half of the height if it needs them. */
const LIST_MIN = 5

/** Lines of one section at most, as a share of the height. */
const SECTION_SHARE = 6

/** The newest events in a frame that is printed. */
const EVENTS_PRINTED = 10

const KEYS = 'q end  s sort  / filter  Enter why  h halt  ? help'

/** How many leases, or lines of a page, there is room for at once. */
export function pageRows(parts: FrameParts, { rows }: Size): number {
  if (parts.state.mode.kind === 'page') return Math.max(1, rows - FRAME_ROWS)
  return Math.max(1, rows - HEADER_ROWS - FRAME_ROWS - belowRows(parts, rows))
}

/** A frame of exactly so many lines, none wider than the terminal. Only leases that are seen are drawn. */
export function frame(parts: FrameParts, size: Size): readonly string[] {
  const { mode } = parts.state
  const lines = mode.kind === 'page' ? pageLines(mode, size) : listLines(parts, size)
  const prompt = fitted(promptLines(parts.state.mode, parts.state.filter, size.columns), size.rows)
  const room = Math.max(0, size.rows - prompt.length)
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, () => '')
  return [...lines, ...blank]
    .slice(0, room)
    .concat(prompt)
    .map(line => cut(line, size.columns))
}

/** A frame as text for a script: everything, in one piece. */
export function printedFrame(parts: FrameParts, columns: number | null): readonly string[] {
  const { snapshot, leases, nowMs } = parts
  const lines = [
    ...headerOf(parts, columns),
    ...leaseTable(leases, { columns, nowMs, isStale: isStale(parts), selected: null }),
    ...emptyLines(parts),
    ...sectionsOf(snapshot, nowMs).flatMap(section =>
      sectionLines(section, section.newestLast ? EVENTS_PRINTED : section.lines.length),
    ),
  ]
  return columns === null ? lines : lines.map(line => cut(line, columns))
}

function listLines(parts: FrameParts, size: Size): readonly string[] {
  const { leases, state, snapshot, nowMs } = parts
  const page = pageRows(parts, size)
  const place = placeOf(leases, state.selected)
  const top = Math.max(0, Math.min(place - Math.floor(page / 2), leases.length - page))
  const seen = leases.slice(top, top + page)
  const selected = leases[place]
  const { columns } = size
  const options = { columns, nowMs, isStale: isStale(parts), selected: selected?.lease.leaseId ?? null }
  const table = [...leaseTable(seen, options), ...emptyLines(parts)]
  const below =
    size.rows < DETAIL_FROM_ROWS || selected === undefined
      ? []
      : detailLines(selected, { nowMs, isStale: isStale(parts) }, columns)
  const room = Math.max(0, size.rows - HEADER_ROWS - FRAME_ROWS - below.length - page)
  const sections = roomShared(snapshot, nowMs, size.rows, room)
  const filling = Array.from({ length: Math.max(0, page + 1 - table.length) }, () => '')
  return [...headerOf(parts, columns), ...table, ...filling, ...below, ...sections]
}

function detailLines(
  selected: WatchedLease,
  as: { readonly nowMs: number; readonly isStale: boolean },
  columns: number,
): readonly string[] {
  const lines = broken(leaseSentence(selected, as), columns)
  const shown = lines.slice(0, DETAIL_ROWS)
  const last = shown.at(-1) ?? ''
  return lines.length <= DETAIL_ROWS
    ? [...shown, ...Array.from({ length: DETAIL_ROWS - shown.length }, () => '')]
    : [...shown.slice(0, -1), cut(`${last} …`, columns)]
}

/** How many lines stand below the list. */
function belowRows({ snapshot, nowMs, leases }: FrameParts, rows: number): number {
  if (rows < DETAIL_FROM_ROWS) return 0
  const detail = leases.length === 0 ? 0 : DETAIL_ROWS
  const list = Math.max(LIST_MIN, Math.min(leases.length, Math.floor(rows / 2)))
  const free = rows - HEADER_ROWS - FRAME_ROWS - list - detail
  return detail + roomShared(snapshot, nowMs, rows, free).length
}

/** The sections, each with a fair share of the room. */
function roomShared(snapshot: Snapshot, nowMs: number, rows: number, free: number): readonly string[] {
  if (rows < SECTIONS_FROM_ROWS) return []
  const each = Math.max(1, Math.floor(rows / SECTION_SHARE))
  const lines: string[] = []
  for (const section of sectionsOf(snapshot, nowMs)) {
    const room = Math.min(each, free - lines.length - 1)
    if (room >= 1) lines.push(...sectionLines(section, room))
  }
  return lines
}

/** The lines of a page as they fit: none is cut, for nobody could read the rest. */
export function pageText(lines: readonly string[], columns: number): readonly string[] {
  return lines.map(screened).flatMap(line => (columnsOf(line) <= columns ? [line] : broken(line, columns)))
}

function pageLines(
  { title, lines, top }: Mode & { readonly kind: 'page' },
  { columns, rows }: Size,
): readonly string[] {
  const all = lines === null ? ['asking …'] : pageText(lines, columns)
  const page = Math.max(1, rows - FRAME_ROWS)
  const from = Math.min(top, Math.max(0, all.length - page))
  const place = all.length <= page ? '' : `, lines ${from + 1} to ${Math.min(all.length, from + page)} of ${all.length}`
  return [tone.strong(plain(title)) + tone.faint(place), ...all.slice(from, from + page)]
}

/** What the keys do now, or what is typed. What is to be confirmed is seen whole. */
function promptLines(mode: Mode, filter: string, columns: number): readonly string[] {
  switch (mode.kind) {
    case 'list':
      return [tone.faint(KEYS)]
    case 'filter': {
      const room = columns - FILTER.length - FILTER_HINT.length - 1
      return [`${FILTER}${ending(plain(filter), room)}_${tone.faint(FILTER_HINT)}`]
    }
    case 'page':
      return [tone.faint('Esc back  j k scroll  Ctrl-C end')]
    case 'reason': {
      const question = `HALT ${plain(mode.target.leaseId)} of ${plain(mode.target.holder)}. Type why, then Enter; Esc drops it.`
      const missing = mode.isMissing ? [tone.bad('A HALT needs a reason.')] : []
      return [
        ...broken(question, columns),
        ...missing,
        ...broken(`why: ${plain(mode.typed)}_`, columns).slice(-TYPED_ROWS),
      ]
    }
    case 'confirm': {
      const { leaseId, holder } = mode.target
      const asked = `Ask ${plain(holder)} to stop its work under ${plain(leaseId)}, with this reason: ${plain(mode.reason)}`
      return [...broken(asked, columns), `${tone.warn('y')} sends the HALT, any other key does not.`]
    }
  }
}

/** On a low terminal the middle is left out: what is asked, and by which key, is seen in any case. */
function fitted(prompt: readonly string[], rows: number): readonly string[] {
  return prompt.length <= rows ? prompt : [...prompt.slice(0, Math.max(0, rows - 2)), '…', ...prompt.slice(-1)]
}

const FILTER = 'filter: '
const FILTER_HINT = '  Enter keeps it, Esc drops it'

/** Lines of a long reason that are seen while it is typed: the last. */
const TYPED_ROWS = 4

function headerOf(parts: FrameParts, columns: number | null): readonly string[] {
  const { state, holder, leases } = parts
  const choice = { order: state.order, filter: state.filter, holder }
  return headerLines({ ...parts, shown: leases.length, choice }, columns)
}

function emptyLines({ leases, snapshot }: FrameParts): readonly string[] {
  if (leases.length > 0) return []
  return [snapshot.leases.length === 0 ? '  No leases.' : '  No lease fits the filter.']
}

function isStale({ connection, ageMs }: FrameParts): boolean {
  return connection.state !== 'up' || ageMs > STALE_AFTER_MS
}
