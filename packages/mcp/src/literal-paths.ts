import { escapeGlob, pathFault } from '@holdfast/core'
import { InputError } from '@holdfast/engine'
import type { Given } from './desk.ts'

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
  const fault = pathFault(path)
  if (fault === null) return escapeGlob(path)
  throw new InputError([{ path: 'paths', message: `${JSON.stringify(given.slice(0, 200))}: ${fault}` }])
}
