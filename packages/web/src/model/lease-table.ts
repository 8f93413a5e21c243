import type { Lease } from './live-set.ts'
import type { Tone } from './judgement.ts'

export interface LeaseRow {
  readonly lease: Lease
  readonly tone: Tone
  readonly waiting: number
}

export const SORTS = ['lane', 'holder', 'verdict', 'age', 'expires'] as const
export type Sort = (typeof SORTS)[number]

export interface TableQuery {
  readonly search: string
  readonly holder: string
  readonly tone: Tone | ''
  readonly folder: string
  readonly sort: Sort
  readonly descending: boolean
}

export const EVERYTHING: TableQuery = { search: '', holder: '', tone: '', folder: '', sort: 'lane', descending: false }

/** The leases that are asked for, in the order that is asked for. */
export function queryTable(rows: readonly LeaseRow[], query: TableQuery): readonly LeaseRow[] {
  const words = query.search
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  const found = rows.filter(({ lease, tone }) => {
    if (query.holder !== '' && lease.holder !== query.holder) return false
    if (query.tone !== '' && tone !== query.tone) return false
    if (query.folder !== '' && !foldersOf(lease.region).includes(query.folder)) return false
    if (words.length === 0) return true
    const text =
      `${lease.lane} ${lease.holder} ${lease.leaseId} ${lease.region.join(' ')} ${lease.runId ?? ''}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
  const by = ORDERS[query.sort]
  const sign = query.descending ? -1 : 1
  return found.sort((a, b) => byWaiting(a, b) || sign * (by(a, b) || compare(a.lease.leaseId, b.lease.leaseId)))
}

/** Whoever waits for a human stands above all others, in every order. */
const byWaiting = (a: LeaseRow, b: LeaseRow): number => Number(b.tone === 'waiting') - Number(a.tone === 'waiting')

/** What needs a look first. */
export const TONE_ORDER: Record<Tone, number> = {
  waiting: 0,
  stalled: 1,
  expired: 2,
  spinning: 3,
  unknown: 4,
  unjudged: 5,
  advancing: 6,
}

const ORDERS: Record<Sort, (a: LeaseRow, b: LeaseRow) => number> = {
  lane: (a, b) => compare(a.lease.lane, b.lease.lane),
  holder: (a, b) => compare(a.lease.holder, b.lease.holder),
  verdict: (a, b) => TONE_ORDER[a.tone] - TONE_ORDER[b.tone],
  age: (a, b) => compare(a.lease.ownedSince, b.lease.ownedSince),
  expires: (a, b) => compare(a.lease.expiresAt, b.lease.expiresAt),
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The folder that a glob lies in: its first part, as far as it is fixed. */
export function foldersOf(region: readonly string[]): readonly string[] {
  const folders = region.map(folderOf)
  return [...new Set(folders)]
}

/** Parts of a path that name a folder. */
const DEPTH = 2

export function folderOf(glob: string): string {
  const parts = glob.split('/')
  const fixed: string[] = []
  for (const part of parts.slice(0, -1)) {
    if (/[*?[{]/.test(part) || fixed.length >= DEPTH) break
    fixed.push(part)
  }
  if (fixed.length > 0) return fixed.join('/')
  return parts.length === 1 && !/[*?[{]/.test(glob) ? glob : '(everywhere)'
}
