import { escapeGlob, pathFault, type InputFault } from '@holdfast/core'

interface ClaimedRegion {
  readonly region?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
}

/** The same as a caller gives it: from JavaScript it may be anything. */
interface Given {
  readonly region?: unknown
  readonly paths?: unknown
}

/**
 * The globs of a claim: its `region`, and each of its `paths` taken literally with all that is below it. `undefined` when it
 * names neither. Both are relative to the root that the ledger's regions are relative to: a library has no working folder.
 * Without faults only (see `regionInputFaults`).
 */
export function claimedRegion({ region, paths }: ClaimedRegion): string[] | undefined {
  if (region === undefined && paths === undefined) return undefined
  return [...(region ?? []), ...(paths ?? []).map(path => escapeGlob(relativeSegments(path)))]
}

/** The faults of a claim's globs and paths that the schema does not know of; `field` names the claim. */
export function regionInputFaults({ region, paths }: Given, field: (name: string) => string): readonly InputFault[] {
  return [...listFaults(region, field('region'), globFault), ...listFaults(paths, field('paths'), literalFault)]
}

/**
 * Why a glob from outside protects nothing that can be meant; `null` when nothing is wrong with it. Stricter than the
 * glob language, which a log may use in full.
 */
export function globFault(glob: string): string | null {
  if (glob.trim() === '') return 'a blank glob covers nothing; leave it out'
  if (glob.startsWith('!')) {
    return 'a glob cannot exclude paths; name those to be covered (a name that begins with `!` is given by paths, --path)'
  }
  if (DRIVE.test(glob)) return 'a drive letter leads out of the root; regions are relative to the root, as in src/**'
  if (/^[\\/]/.test(glob)) return 'an absolute path; regions are relative to the root, as in src/**'
  return null
}

const DRIVE = /^[A-Za-z]:(?:[\\/]|$)/

function literalFault(path: string): string | null {
  if (path.trim() === '') return 'a blank path names no file'
  if (path.startsWith('/')) return 'an absolute path; paths are relative to the root'
  const relative = relativeSegments(path)
  return relative === '' ? 'the root itself; the region ** covers everything' : pathFault(relative)
}

/** Without `./` and doubled or trailing slashes, which name the same file. */
function relativeSegments(path: string): string {
  return path
    .split('/')
    .filter(segment => segment !== '' && segment !== '.')
    .join('/')
}

function listFaults(given: unknown, field: string, faultOf: (text: string) => string | null): readonly InputFault[] {
  if (given === undefined) return []
  if (typeof given === 'string') {
    return [{ path: field, message: `${JSON.stringify(given)} is one text; give a list: [${JSON.stringify(given)}]` }]
  }
  if (!isList(given)) return [{ path: field, message: 'give a list of texts' }]
  return given.flatMap((text, index) => {
    const fault = typeof text === 'string' ? faultOf(text) : 'no text'
    return fault === null ? [] : [{ path: `${field}.${index}`, message: `${JSON.stringify(text)}: ${fault}` }]
  })
}

function isList(given: unknown): given is readonly string[] {
  return Array.isArray(given)
}
