import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { covers, escapeGlob, pathFault } from '@holdfast/core'
import { RegionReader } from '@holdfast/core/internal'
import { globFault } from '@holdfast/engine/lean'
import { innerRoot } from '@holdfast/engine/which-ledger'
import { followedPath, guardedPath, within } from '@holdfast/engine/write-guard'
import { shellWord } from '../print/shell-word.ts'
import { UsageError } from '../failure/usage-error.ts'
import { goThere, liesIn, rootAround } from './other-root.ts'

/** The folder that regions are relative to, and the one that the command was typed in. Both absolute and real. */
export interface Standing {
  readonly root: string
  readonly folder: string
  /** The store, where it was named: by a name that means the same in every folder. */
  readonly named?: string | undefined
}

/** Whether a glob says by itself where it begins, so that it means the same from every folder with any root. */
export function isPlaced(glob: string): boolean {
  return DOTTED_OR_ABSOLUTE.test(glob.replaceAll('\\', '/'))
}

interface Typed {
  readonly region?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
}

export interface RootedRegion {
  /** Relative to the root; `undefined` when neither globs nor paths were given. */
  readonly region: readonly string[] | undefined
  /** What was typed and may protect something else than was meant. */
  readonly warnings: readonly string[]
}

/** Looks at the file system that one request may take, so that many globs do not make it slow. */
const LOOKS_MAX = 64

const WILDCARD = /[*?[{]/
/** From the working folder, or from the file system's root. */
const DOTTED_OR_ABSOLUTE = /^(?:\.\.?(?:\/|$)|\/)/

/**
 * Reads globs and literal paths as they were typed in a folder: an absolute glob and one that begins with `./` or `../`
 * become relative to the root, with the links in their literal beginning followed; plain ones are relative to the root
 * already. Literal paths are relative to the folder; their links are followed as the guard does.
 *
 * @throws UsageError, with the field, for what lies outside the root, or in another work tree or a nested repository below
 * it: those who work there lease it by other paths, so a lease from here would exclude none of them.
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function rootedRegion({ region, paths }: Typed, standing: Standing, field = ''): RootedRegion {
  const globs = (region ?? []).map((glob, index) => rootedGlob(glob, standing, `${field}region.${index}`))
  const literal = (paths ?? []).map((path, index) => literalGlobs(path, standing, `${field}path.${index}`))
  const warnings = (region ?? []).slice(0, LOOKS_MAX).flatMap(glob => warningsOf(glob, standing))
  const given = region !== undefined || paths !== undefined
  return { region: given ? [...globs, ...literal].flat() : undefined, warnings }
}

function rootedGlob(given: string, standing: Standing, field: string): readonly string[] {
  const glob = given.replaceAll('\\', '/')
  // What else is wrong with it is said by whoever reads the request.
  if (given.includes('\0') || !DOTTED_OR_ABSOLUTE.test(glob)) return [given]
  const { literal, rest } = split(glob)
  if (rest === '') return literalGlobs(literal, standing, field)
  const target = followedPath(within(standing.folder, literal)).target
  const place = inside(target, standing, field, given)
  refuseInner(target, standing, { given, field, rest })
  return [place === '' ? rest : `${escaped(place, field)}/${rest}`]
}

/** The whole segments before the first one with a wildcard, and what follows them. */
function split(glob: string): { readonly literal: string; readonly rest: string } {
  const segments = glob.split('/')
  const first = segments.findIndex(segment => WILDCARD.test(segment))
  // A slash behind a name says nothing that the name does not.
  if (first < 0) return { literal: glob.length > 1 ? glob.replace(/\/+$/, '') : glob, rest: '' }
  const literal = segments.slice(0, first).join('/')
  return { literal: literal === '' && first > 0 ? '/' : literal, rest: segments.slice(first).join('/') }
}

function literalGlobs(given: string, standing: Standing, field: string): readonly string[] {
  if (given.trim() === '') throw new UsageError(`${field}: ${JSON.stringify(given)} names no file.`)
  const absolute = within(standing.folder, given)
  if (followedPath(absolute).target === standing.root) return ['**']
  const places = guardedPath(given, { root: standing.root, directory: standing.folder })
  const [outside] = places.outside
  if (outside !== undefined) throw outsideRoot(given, outside, standing, field)
  for (const place of places.inside) refuseInner(join(standing.root, place), standing, { given, field })
  return places.inside.map(place => literally(place, field))
}

interface GivenPlace {
  readonly given: string
  readonly field: string
  /** What follows the literal part of a glob. */
  readonly rest?: string
}

function refuseInner(place: string, { root, named }: Standing, { given, field, rest }: GivenPlace): void {
  const inner = innerRoot(root, place, named)
  if (inner === null) return
  throw new UsageError(`${field}: ${JSON.stringify(given)} ${liesIn(inner, place, rest)}.`)
}

function inside(place: string, { root, folder }: Standing, field: string, given: string): string {
  const below = inRoot(root, place)
  if (below === null) throw outsideRoot(given, place, { root, folder }, field)
  return below.split(sep).join('/')
}

function outsideRoot(given: string, place: string, { root }: Standing, field: string): UsageError {
  const there = rootAround(place)
  const next = there === null || there === root ? '' : ` To lease it, ${goThere(there, place)}.`
  return new UsageError(
    `${field}: ${JSON.stringify(given)} is ${place}, outside the root ${root}; a region covers paths below the root.${next}`,
  )
}

function literally(place: string, field: string): string {
  const fault = pathFault(place)
  if (fault !== null) throw new UsageError(`${field}: ${JSON.stringify(place)}: ${fault}; lease the folder above it.`)
  return escapeGlob(place)
}

/** A folder taken literally, for a glob that goes on below it. */
function escaped(folder: string, field: string): string {
  return literally(folder, field).replace(/\/\*\*$/, '')
}

function warningsOf(given: string, standing: Standing): readonly string[] {
  if (globFault(given) !== null && !given.startsWith('/')) return []
  const glob = given.replaceAll('\\', '/')
  return [
    ...elsewhere(glob, standing),
    ...throughLink(glob, standing),
    ...inInner(glob, standing),
    ...notItself(given, glob, standing),
  ]
}

/** A plain glob below a root of its own: it is text, and may be meant for what is not there any more. */
function inInner(glob: string, { root, named }: Standing): readonly string[] {
  const { literal, rest } = split(glob)
  if (DOTTED_OR_ABSOLUTE.test(glob) || literal === '') return []
  const place = leadsTo(join(root, literal))
  const inner = place === null || inRoot(root, place) === null ? null : innerRoot(root, place, named)
  if (inner === null || place === null) return []
  return [`${JSON.stringify(glob)} ${liesIn(inner, place, rest === '' ? undefined : rest)}`]
}

/** A place relative to the root; `null` where it lies outside. */
function inRoot(root: string, place: string): string | null {
  const below = relative(root, place)
  return below === '..' || below.startsWith(`..${sep}`) ? null : below
}

/** A plain glob that was typed in a subfolder and finds nothing at the root, where it would find something here. */
function elsewhere(glob: string, { root, folder }: Standing): readonly string[] {
  const { literal } = split(glob)
  if (root === folder || DOTTED_OR_ABSOLUTE.test(glob) || literal === '') return []
  if (existsSync(join(root, literal)) || !existsSync(join(folder, literal))) return []
  const here = `./${glob}`
  return [
    `${JSON.stringify(glob)} is relative to ${root}, where ${JSON.stringify(literal)} does not exist; ` +
      `for the one in this folder write --region ${shellWord(here)}`,
  ]
}

/** A plain glob through a symbolic link: a write through it lands elsewhere, and is judged there. */
function throughLink(glob: string, { root }: Standing): readonly string[] {
  const { literal, rest } = split(glob)
  if (DOTTED_OR_ABSOLUTE.test(glob) || literal === '') return []
  const target = leadsTo(join(root, literal))
  if (target === null || target === join(root, literal)) return []
  const below = relative(root, target)
  if (below === '' || below.startsWith('..')) {
    return [`${JSON.stringify(literal)} is a link to ${target}, and writes through it are judged there`]
  }
  const meant = rest === '' ? below : `${below}/${rest}`
  return [
    `${JSON.stringify(literal)} is a link to ${target}, and writes through it are judged there; ` +
      `to cover them write --region ${shellWord(meant)}`,
  ]
}

/** A glob whose beginning leads nowhere is told by nobody: it may be made one day. */
function leadsTo(path: string): string | null {
  try {
    return followedPath(path).target
  } catch {
    return null
  }
}

const SPECIAL = /[*?[\]{}+$^!]/

/**
 * A glob whose own text is the name of a file, or that does not cover its own text: it may be meant as a name. So may one
 * with a backslash, which separates folders in a glob and is a character of a name.
 */
function notItself(given: string, glob: string, { root, folder }: Standing): readonly string[] {
  if (!SPECIAL.test(glob) && !given.includes('\\')) return []
  const isDotted = DOTTED_OR_ABSOLUTE.test(glob)
  const places = (isDotted ? [folder] : [root, folder]).map(from => within(from, given))
  const found = places.find(place => existsSync(place))
  const exists = found !== undefined
  const file = found ?? within(isDotted ? folder : root, given)
  const own = isDotted ? split(glob).rest : glob
  const parsed = READER.read([own])
  if (!parsed.ok || (!exists && parsed.region.globs.every(text => covers(parsed.region, text)))) return []
  const typed = relative(folder, file)
  if (exists && pathFault(relative(root, file)) !== null) {
    const above = `--path ${shellWord(dirname(typed))}`
    return [
      `${JSON.stringify(given)} is also the name of a file, which no glob can tell; if it is meant, write ${above}`,
    ]
  }
  const why = exists ? 'is also the name of a file' : 'is a pattern that does not cover a file of that very name'
  return [`${JSON.stringify(given)} ${why}; if the file is meant, write --path ${shellWord(typed)}`]
}

/** Case makes no difference to whether a text matches itself, or hardly ever. */
const READER = new RegionReader({ caseSensitive: true })
