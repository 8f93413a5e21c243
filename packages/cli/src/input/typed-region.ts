import { realpathSync } from 'node:fs'
import { guardedRoot } from '@holdfast/engine/write-guard'
import { rootedRegion, type RootedRegion } from './rooted-region.ts'
import { workingFolder } from './working-folder.ts'

interface Typed {
  readonly region?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
}

/** A region as it was typed here. Where the command stands matters only to who names paths: the folder may be there no more. */
export function typedRegion(typed: Typed, field?: string): RootedRegion {
  if (typed.region === undefined && typed.paths === undefined) return { region: undefined, warnings: [] }
  const folder = workingFolder()
  return rootedRegion(typed, { root: guardedRoot(undefined, folder), folder: realpathSync(folder) }, field)
}
