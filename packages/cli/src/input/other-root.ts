import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { rootOf } from '@holdfast/engine/which-ledger'
import { shellWord } from '../print/shell-word.ts'

/** Why a place is not leased from here, and what to type instead: as words that follow its name. */
export function liesIn(inner: string, place: string, rest?: string): string {
  return `lies in ${inner}, where the same files are leased by other paths, and a lease from here excludes nobody who works there; ${goThere(inner, place, rest)}`
}

/** How a place is leased from the root that its leases are relative to. `rest`: what a glob has behind the place. */
export function goThere(inner: string, place: string, rest?: string): string {
  const below = relative(inner, place)
  const glob = rest ?? (below === '' ? '**' : undefined)
  const from = below === '' ? '' : `${below}/`
  const flag = glob === undefined ? `--path ${shellWord(below)}` : `--region ${shellWord(`${from}${glob}`)}`
  return `go there (cd ${shellWord(inner)}) and write ${flag}`
}

/** The root of what is around a place elsewhere; `null` where nobody has leases by its paths. */
export function rootAround(place: string): string | null {
  let folder = dirname(place)
  while (!existsSync(folder)) folder = dirname(folder)
  const root = rootOf(folder, {})
  return existsSync(join(root, '.git')) || existsSync(join(root, '.holdfast')) ? root : null
}
