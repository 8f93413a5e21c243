import { haltJson, drainingJson } from '@holdfast/projections'
import { haltLine, restoredLine, shortEventLine } from '@holdfast/server/text'
import { plain } from '../print/plain.ts'
import { endAt, distance } from '../print/times.ts'
import { waitLine } from '../print/wait-line.ts'
import { tone } from '../print/tone.ts'
import type { Snapshot } from './snapshot.ts'
import type { Waiter } from './waiters.ts'

/** What stands below the leases: what is to end, who waits, what happened. */
export interface Section {
  readonly title: string
  readonly lines: readonly string[]
  /** Of too many lines the last are shown, not the first. */
  readonly newestLast: boolean
}

/** The sections that have something to say. */
export function sectionsOf(snapshot: Snapshot, nowMs: number): readonly Section[] {
  const humans = snapshot.humans ?? []
  const sections = [
    { title: 'WAITING FOR A HUMAN', lines: humans.map(wait => waitLine(wait, nowMs)), newestLast: false },
    { title: 'HALTS AND DRAINS', lines: endingLines(snapshot, nowMs), newestLast: false },
    { title: 'WAITING', lines: snapshot.waiting.map(waiter => waiterLine(waiter, nowMs)), newestLast: false },
    { title: 'STARTING', lines: startingLines(snapshot, nowMs), newestLast: false },
    { title: 'EVENTS', lines: snapshot.events.map(shortEventLine), newestLast: true },
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

/** As many lines as there is room for, and how many more there are. */
export function sectionLines({ title, lines, newestLast }: Section, rows: number): readonly string[] {
  const isWhole = lines.length <= rows
  const shown = newestLast ? lines.slice(-rows) : lines.slice(0, rows)
  const more = isWhole || newestLast ? '' : ` (${lines.length - rows} more)`
  return [tone.faint(title + more), ...shown]
}

function endingLines({ halts, draining }: Snapshot, nowMs: number): readonly string[] {
  return [
    ...halts.map(halt => haltLine(haltJson(halt), nowMs)),
    ...draining.map(drain => {
      if (drain.ledgerWide === true) return restoredLine(drainingJson(drain), nowMs)
      const { leaseId, holder, untilMs } = drain
      return `${tone.warn('draining')}  ${plain(leaseId)} of ${plain(holder)}, until ${endAt(untilMs, nowMs)}`
    }),
  ]
}

function startingLines({ spawning }: Snapshot, nowMs: number): readonly string[] {
  return spawning.map(({ lane, holder, untilMs }) => {
    return `${plain(lane)}  ${plain(holder)}, expected ${distance(untilMs, nowMs)} at the latest`
  })
}

function waiterLine({ lane, holder, place, untilMs, behind, more }: Waiter, nowMs: number): string {
  const who = `${plain(holder)} waits for ${plain(lane)} since r${place}`
  if (behind === null) return `${who}, place kept ${distance(untilMs, nowMs)}`
  const owner = behind.holder === undefined ? '' : ` of ${plain(behind.holder)}`
  const what = plain(behind.leaseId ?? behind.lane ?? 'another request')
  return `${who}, behind ${what}${owner} (${behind.code ?? 'in the way'})${more === 0 ? '' : ` and ${more} more`}`
}
