import { createHash } from 'node:crypto'
import { closeSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolderBeside, openBeside } from '@holdfast/store/internal'

/** Watches that are kept at once; the oldest ones belong to calls of which nobody has told the end. */
const WATCHES_MAX = 64

/** What stood in other people's regions before a tool call. */
export interface Watch {
  readonly root: string
  readonly isWhole: boolean
  /** What tells whether a file is the same, by its path. */
  readonly prints: Readonly<Record<string, string>>
  /** Where a copy of it is kept, by its path. */
  readonly copies: Readonly<Record<string, string>>
  /** The leases that were live by then. */
  readonly leases: readonly string[]
  /** When that was, by the clock of the file system's times. */
  readonly atMs: number
  /** When that was, in ticks of the kernel; `null`: the system does not say. */
  readonly ticks: number | null
}

/** Which call it is of: the same one before and after. */
export interface WatchedCall {
  /** The database that the files lie beside. */
  readonly database: string
  readonly root: string
  readonly holder: string | null
  /** The agent's own name of the call; `null`: it has none, and makes one call at a time. */
  readonly call: string | null
}

/** The database of a store; `null`: it is on no disk of ours, and nothing is kept beside it. */
export function databaseOf(storeUrl: string): string | null {
  return /^sqlite:(.+)$/i.exec(storeUrl)?.[1] ?? null
}

/** The folder of one call's copies. */
export function copiesOf(about: WatchedCall): string {
  return `${placeOf(about)}.copies`
}

/** The watch that goes on after the call, for what it has left running. */
export function leftBehind(about: WatchedCall): WatchedCall {
  return { ...about, call: LEFT }
}

/** No call has this name: it is none that an agent can write. */
const LEFT = '\0left'

export function isWatched(about: WatchedCall): boolean {
  return existsSync(placeOf(about))
}

export function keepWatch(about: WatchedCall, watch: Watch): void {
  const place = placeOf(about)
  // For the same users as the ledger.
  if (!makeFolderBeside(about.database, dirname(place))) throw new Error(`${dirname(place)} is not to be written`)
  sweep(dirname(place))
  rmSync(place, { force: true })
  const file = openBeside(about.database, place, 'append')
  try {
    writeSync(file, JSON.stringify(watch))
  } finally {
    closeSync(file)
  }
}

/** Takes the watch of a call away; `null`: there is none, for the call could write nothing, or it was told of before. */
export function takeWatch(about: WatchedCall): Watch | null {
  const place = placeOf(about)
  if (!existsSync(place)) return null
  const read = parsed(readFileSync(place, 'utf8'))
  rmSync(place, { force: true })
  return isWatch(read) ? read : null
}

function placeOf({ database, root, holder, call }: WatchedCall): string {
  const key = createHash('sha256')
    .update(JSON.stringify([root, holder, call]))
    .digest('hex')
    .slice(0, 24)
  return join(`${database}.watch`, key)
}

function sweep(folder: string): void {
  const names = readdirSync(folder)
  if (names.length < WATCHES_MAX) return
  const aged = names
    .map(name => ({ name, atMs: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => a.atMs - b.atMs)
  for (const { name } of aged.slice(0, names.length - WATCHES_MAX + 1)) {
    rmSync(join(folder, basename(name)), { recursive: true, force: true })
  }
}

/** Read by hand: a schema would have to be loaded before every call. */
function isWatch(read: unknown): read is Watch {
  if (!isRecord(read)) return false
  const { root, isWhole, prints, copies, leases, atMs, ticks } = read
  const areTexts = [prints, copies].every(
    texts => isRecord(texts) && Object.values(texts).every(text => typeof text === 'string'),
  )
  const areTimes = typeof atMs === 'number' && (ticks === null || typeof ticks === 'number')
  const areLeases = Array.isArray(leases) && leases.every(lease => typeof lease === 'string')
  return typeof root === 'string' && typeof isWhole === 'boolean' && areTexts && areTimes && areLeases
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    return read
  } catch {
    return null
  }
}
