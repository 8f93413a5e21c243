import { plain } from '../print/plain.ts'
import { distance, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { cut } from './cells.ts'
import type { Choice } from './lease-order.ts'
import type { Connection, Snapshot } from './snapshot.ts'

/** What the header tells of. */
export interface HeaderParts {
  readonly ledger: string
  readonly url: string
  readonly snapshot: Snapshot
  /** How many of the leases are shown. */
  readonly shown: number
  readonly connection: Connection
  /** How old the snapshot is. */
  readonly ageMs: number
  readonly choice: Choice
}

/** Which ledger, as of when, and how much is going on. */
export function headerLines(parts: HeaderParts, columns: number | null): readonly string[] {
  const { ledger, url, snapshot } = parts
  const lines = [
    `${tone.strong('holdfast top')}  ${plain(ledger)}  ${tone.faint(plain(url))}`,
    `${asOf(parts)}  ${choiceText(parts.choice)}`,
    countsText(snapshot, parts.shown),
  ]
  return columns === null ? lines : lines.map(line => cut(line, columns))
}

function asOf({ snapshot, connection, ageMs }: HeaderParts): string {
  const at = `as of r${snapshot.head}, ${ageMs < 1000 ? 'now' : distance(-ageMs, 0)}`
  if (connection.state === 'up') return at
  return `${at}  ${tone.bad('reconnecting')}: ${plain(connection.why)}`
}

function choiceText({ order, filter, holder }: Choice): string {
  const parts = [`sorted by ${order}`]
  if (filter !== '') parts.push(`with "${plain(filter)}"`)
  if (holder !== null) parts.push(`of ${plain(holder)} only`)
  return tone.faint(parts.join(', '))
}

function countsText({ leases, humans = [], waiting, draining, halts, refused }: Snapshot, shown: number): string {
  const holders = new Set(leases.map(({ lease }) => lease.holder)).size
  const some = shown === leases.length ? '' : `${shown} of `
  return [
    `${some}${counted(leases.length, 'lease')}`,
    counted(holders, 'holder'),
    ...(humans.length === 0 ? [] : [`${humans.length} waiting for a human`]),
    `${waiting.length} waiting`,
    `${refused.isWhole ? '' : 'at least '}${refused.count} refused in the last hour`,
    ...(draining.length === 0 ? [] : [`${draining.length} draining`]),
    ...(halts.length === 0 ? [] : [counted(halts.length, 'halt')]),
  ].join(', ')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Before the first snapshot is there. */
export function beforeFirst({
  ledger,
  connection,
  elapsedMs,
}: {
  readonly ledger: string
  readonly connection: Connection
  readonly elapsedMs: number
}): readonly string[] {
  const why = connection.state === 'up' ? '' : `: ${plain(connection.why)}`
  return [`${tone.strong('holdfast top')}  ${plain(ledger)}`, `reading the ledger, for ${span(elapsedMs)} so far${why}`]
}
