import { createHash } from 'node:crypto'
import { closeSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolderBeside, openBeside } from '@holdfast/store/internal'
import { filePrint } from './foreign-files.ts'
import type { WatchedCall } from './watch-file.ts'

/** Files of one edit that are noted. */
const PATHS_MAX = 16

/** Edits of one file that are kept in mind. */
const PRINTS_MAX = 64

/** Notes that are kept at once. */
const NOTES_MAX = 512

const NOTHING = 'none'

/** Before a tool edits files by name: notes what stands there, so that what it does to them is known for the holder's own. */
export function beginEdit(about: WatchedCall, paths: readonly string[]): void {
  const named = paths.slice(0, PATHS_MAX)
  for (const path of named) {
    const prints = printsOf(about, path)
    const now = filePrint(about.root, path) ?? NOTHING
    // What somebody else has done meanwhile is no part of it.
    if (prints.at(-1) !== now) keep(about, fileOf(about, path), [now])
  }
  keep(about, callOf(about), named)
}

/** After it: notes what it has made of them. */
export function endEdit(about: WatchedCall): void {
  const call = callOf(about)
  const paths = texts(call)
  rmSync(call, { force: true })
  for (const path of paths) {
    const prints = printsOf(about, path)
    const now = filePrint(about.root, path) ?? NOTHING
    if (prints.length > 0 && prints.at(-1) !== now)
      keep(about, fileOf(about, path), [...prints, now].slice(-PRINTS_MAX))
  }
}

/** Whether edits by name have made of a file what it is now. `was`: before them; `null`: that is not known. */
export function isEdited(about: WatchedCall, path: string, was: string | null, now: string): boolean {
  const prints = printsOf(about, path)
  const before = prints.slice(0, -1)
  return prints.at(-1) === now && (was === null ? before.length > 0 : before.includes(was))
}

/** Of a file that was not there. */
export const NOT_THERE = NOTHING

function printsOf(about: WatchedCall, path: string): readonly string[] {
  return texts(fileOf(about, path))
}

function fileOf({ database, root }: WatchedCall, path: string): string {
  return placeOf(database, ['file', root, path])
}

function callOf({ database, root, holder, call }: WatchedCall): string {
  return placeOf(database, ['call', root, holder, call])
}

function placeOf(database: string, key: readonly (string | null)[]): string {
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24)
  return join(`${database}.edits`, name)
}

function keep({ database }: WatchedCall, place: string, lines: readonly string[]): void {
  if (!makeFolderBeside(database, dirname(place))) throw new Error(`${dirname(place)} is not to be written`)
  sweep(dirname(place))
  rmSync(place, { force: true })
  const file = openBeside(database, place, 'append')
  try {
    writeSync(file, JSON.stringify(lines))
  } finally {
    closeSync(file)
  }
}

function texts(place: string): readonly string[] {
  try {
    if (!existsSync(place)) return []
    const read: unknown = JSON.parse(readFileSync(place, 'utf8'))
    return Array.isArray(read) ? read.filter(line => typeof line === 'string') : []
  } catch {
    // Somebody is just writing it, or was killed doing so.
    return []
  }
}

function sweep(folder: string): void {
  const names = readdirSync(folder)
  if (names.length < NOTES_MAX) return
  const aged = names
    .map(name => ({ name, atMs: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => a.atMs - b.atMs)
  for (const { name } of aged.slice(0, names.length / 2)) rmSync(join(folder, name), { force: true })
}
