import { escapeGlob, pathFault } from '@holdfast/core'
import { InputError } from '@holdfast/engine'
import type { Given } from './desk.ts'

/** Windows' absolute paths begin so. No path of a repository does that can be checked out there. */
const DRIVE = /^[a-z]:(?:\/|$)/i

/** Paths and globs as a region, by their text alone. */
export function claimedRegionOf({ paths, globs }: Given): readonly string[] | undefined {
  if (paths === undefined && globs === undefined) return undefined
  return [...(globs ?? []), ...(paths ?? []).map(literally)]
}

function literally(given: string): string {
  const path = given
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
  const fault = DRIVE.test(path) ? 'an absolute path; write it relative to the top of the repository' : pathFault(path)
  if (fault === null) return escapeGlob(path)
  throw new InputError([{ path: 'paths', message: `${JSON.stringify(given.slice(0, 200))}: ${fault}` }])
}
