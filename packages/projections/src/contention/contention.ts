import type { Blocker, EpochMs, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import { canonical } from '@holdfast/core/internal'
import { pastProjection, type Past } from '../past/past-projection.ts'
import type { Projection } from '../projection.ts'
import { Spans } from './spans.ts'

/** Names of one kind that are counted; what comes after is left out, and `isWhole` says so. */
const NAMES_MAX = 10_000

/** What collided at one place, or between two holders. Spans are in ms of the log clock. */
export interface Collisions {
  /** Requests that were refused, repeats that were recorded as one among them. A renewed place in line is no refusal. */
  readonly refused: number
  /** Waits in line that have ended: `granted`, or given up (withdrawn, or not renewed in time). */
  readonly granted: number
  readonly gaveUp: number
  /** Half of the ended waits took no longer, and 99 of 100; `null`: none has ended. */
  readonly waitedP50Ms: number | null
  readonly waitedP99Ms: number | null
  readonly longestMs: number
  /** Who waits now. */
  readonly waiting: number
  /** The newest refusal: `why rN` explains it. */
  readonly newest: Revision
}

/** One request that waits in line now. */
export interface OpenWait {
  readonly holder: string
  readonly lanes: readonly string[]
  readonly sinceMs: EpochMs
  /** Revision of the refusal that gave it its place. */
  readonly place: Revision
  /** It has waited longer than 99 of 100 that were granted. */
  readonly starves: boolean
}

/** Where requests were in each other's way. Each list begins with what was waited for longest. */
export interface Contention {
  readonly lanes: readonly (Collisions & { readonly lane: string })[]
  /** Folders of the paths that both sides covered, relative to the root; `.` is the root. */
  readonly folders: readonly (Collisions & { readonly folder: string })[]
  /** Who was refused because of whom. */
  readonly pairs: readonly (Collisions & { readonly holder: string; readonly blocker: string })[]
  readonly holders: readonly (Collisions & { readonly holder: string })[]
  readonly waits: readonly OpenWait[]
  /** Whether all names were counted. */
  readonly isWhole: boolean
}

interface Counted {
  refused: number
  granted: number
  gaveUp: number
  newest: Revision
  readonly waited: Spans
}

interface Wait {
  readonly holder: string
  readonly lanes: readonly string[]
  readonly place: Revision
  readonly sinceMs: EpochMs
  untilMs: number
  /** What its end is counted for. */
  readonly counted: readonly Counted[]
}

interface Folded {
  readonly lanes: Map<string, Counted>
  readonly folders: Map<string, Counted>
  readonly pairs: Map<string, Counted>
  readonly holders: Map<string, Counted>
  /** By what names the request. */
  readonly open: Map<string, Wait>
  readonly granted: Spans
  isWhole: boolean
}

/**
 * Which lanes, folders and holders collide, how often requests were refused, how long they waited, and who starves. Folded
 * over everything, or from a point on: a wait that began before is then counted from its first renewal.
 */
export const contentionProjection: Projection<Past<Folded>, Contention> = pastProjection<Folded, Contention>({
  name: 'contention',
  initial: () => ({
    lanes: new Map(),
    folders: new Map(),
    pairs: new Map(),
    holders: new Map(),
    open: new Map(),
    granted: new Spans(),
    isWhole: true,
  }),
  take,
  view,
})

function take(folded: Folded, entry: LogEntry): void {
  if (entry.type === 'REFUSE') refuse(folded, entry)
  if (entry.type !== 'ACQUIRE') return
  const { requestId, holder } = entry.data
  for (const key of [requestId, holder]) if (key !== undefined) end(folded, key, entry.recordedAt, 'granted')
}

function refuse(folded: Folded, { revision, recordedAt, data }: RecordedEvent<'REFUSE'>): void {
  const { request, code, blockers, ticket, repeats = 0 } = data
  const { op, holder, claims = [] } = request
  if (op !== 'acquire' && op !== 'write') return
  const key = ticket?.requestId ?? request.requestId ?? holder
  if (code === 'withdrawn') {
    if (key !== undefined) end(folded, key, recordedAt, 'gaveUp')
    return
  }
  const open = key === undefined ? undefined : folded.open.get(key)
  if (open !== undefined && ticket !== undefined && open.untilMs >= recordedAt) {
    open.untilMs = recordedAt + ticket.ttlMs
    return
  }
  if (key !== undefined && open !== undefined) end(folded, key, open.untilMs as EpochMs, 'gaveUp')
  const lanes = claims.map(({ lane }) => lane)
  const counted = [
    ...lanes.map(lane => count(folded, folded.lanes, canonical(lane))),
    ...foldersOf(blockers).map(folder => count(folded, folded.folders, folder)),
    ...blockersOf(blockers, holder).map(blocker => count(folded, folded.pairs, pairKey(holder ?? '', blocker))),
    ...(holder === undefined ? [] : [count(folded, folded.holders, holder)]),
  ].flatMap(one => one ?? [])
  for (const one of counted) {
    one.refused += 1 + repeats
    one.newest = revision
  }
  if (ticket === undefined || key === undefined) return
  const wait = { holder: holder ?? '', lanes, place: revision, sinceMs: recordedAt, untilMs: recordedAt + ticket.ttlMs }
  folded.open.set(key, { ...wait, counted })
}

/** Ends a wait. One that was not renewed in time had ended by then, whatever comes later. */
function end(folded: Folded, key: string, atMs: EpochMs, how: 'granted' | 'gaveUp'): void {
  const wait = folded.open.get(key)
  if (wait === undefined) return
  folded.open.delete(key)
  const isLapsed = wait.untilMs < atMs
  const waitedMs = Math.min(atMs, wait.untilMs) - wait.sinceMs
  const outcome = isLapsed ? 'gaveUp' : how
  if (outcome === 'granted') folded.granted.add(waitedMs)
  for (const one of wait.counted) {
    one[outcome] += 1
    one.waited.add(waitedMs)
  }
}

function count(folded: Folded, names: Map<string, Counted>, name: string): Counted | null {
  const known = names.get(name)
  if (known !== undefined) return known
  if (names.size >= NAMES_MAX) {
    folded.isWhole = false
    return null
  }
  const fresh: Counted = { refused: 0, granted: 0, gaveUp: 0, newest: 0 as Revision, waited: new Spans() }
  names.set(name, fresh)
  return fresh
}

function foldersOf(blockers: readonly Blocker[]): readonly string[] {
  const folders = blockers.flatMap(({ witness }) => {
    if (witness === undefined) return []
    const end = witness.lastIndexOf('/')
    return end === -1 ? ['.'] : [witness.slice(0, end)]
  })
  return [...new Set(folders)]
}

function blockersOf(blockers: readonly Blocker[], holder: string | undefined): readonly string[] {
  const names = blockers.flatMap(blocker => blocker.holder ?? [])
  return [...new Set(names)].filter(name => name !== holder)
}

/** Names are printable, so a line end parts them. */
function pairKey(holder: string, blocker: string): string {
  return `${holder}\n${blocker}`
}

function pairOf(key: string): { readonly holder: string; readonly blocker: string } {
  const [holder = '', blocker = ''] = key.split('\n')
  return { holder, blocker }
}

/** What waits that have no end in the log add to what was counted. */
interface Unended {
  waiting: number
  lapsed: number
  longestMs: number
}

function view(folded: Folded, nowMs: EpochMs): Contention {
  const { open, granted, isWhole } = folded
  const unended = unendedWaits(open.values(), nowMs)
  const all = <T extends object>(names: ReadonlyMap<string, Counted>, named: (name: string) => T) =>
    [...names]
      .map(([name, counted]) => ({ ...named(name), ...collisions(counted, unended.get(counted)) }))
      .sort((a, b) => b.longestMs - a.longestMs || b.refused - a.refused)
  const slowMs = granted.percentile(99)
  const waits = [...open.values()].filter(({ untilMs }) => untilMs >= nowMs)
  return {
    lanes: all(folded.lanes, lane => ({ lane })),
    folders: all(folded.folders, folder => ({ folder })),
    pairs: all(folded.pairs, pairOf),
    holders: all(folded.holders, holder => ({ holder })),
    waits: waits
      .map(({ holder, lanes, sinceMs, place }) => {
        return { holder, lanes, sinceMs, place, starves: slowMs !== null && nowMs - sinceMs > slowMs }
      })
      .sort((a, b) => a.sinceMs - b.sinceMs),
    isWhole,
  }
}

function unendedWaits(open: Iterable<Wait>, nowMs: EpochMs): ReadonlyMap<Counted, Unended> {
  const unended = new Map<Counted, Unended>()
  for (const { counted, sinceMs, untilMs } of open) {
    const isLapsed = untilMs < nowMs
    const waitedMs = Math.min(nowMs, untilMs) - sinceMs
    for (const one of counted) {
      const known = unended.get(one) ?? { waiting: 0, lapsed: 0, longestMs: 0 }
      known[isLapsed ? 'lapsed' : 'waiting'] += 1
      known.longestMs = Math.max(known.longestMs, waitedMs)
      unended.set(one, known)
    }
  }
  return unended
}

function collisions({ refused, granted, gaveUp, newest, waited }: Counted, unended: Unended | undefined): Collisions {
  return {
    refused,
    granted,
    gaveUp: gaveUp + (unended?.lapsed ?? 0),
    waitedP50Ms: waited.percentile(50),
    waitedP99Ms: waited.percentile(99),
    longestMs: Math.max(waited.longestMs, unended?.longestMs ?? 0),
    waiting: unended?.waiting ?? 0,
    newest,
  }
}
