import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askGit } from './ask-git.ts'
import { committedFiles } from './committed-files.ts'

/** What of a change comes from commits that are there already, and what is made by it. */
export interface MergedPaths {
  /** As they stand on the other side. */
  readonly taken: readonly string[]
  readonly made: readonly string[]
}

const NAMES = [
  'diff',
  '--name-only',
  '-z',
  '--no-renames',
  '--no-relative',
  '--no-ext-diff',
  '--ignore-submodules=none',
]

/**
 * What a merge is about to commit, by the index. Where it is not known what is merged, all of it counts as made.
 *
 * @throws HookInputError when git cannot tell.
 */
export async function mergedPaths(folder: string, gitDir: string): Promise<MergedPaths> {
  const what = 'what the merge changes'
  const staged = namesOf(await askGit(folder, [...NAMES, '--cached'], { what }))
  const heads = mergeHeads(gitDir)
  const differing = await Promise.all(
    heads.map(async head => new Set(namesOf(await askGit(folder, [...NAMES, '--cached', head, '--'], { what })))),
  )
  const isTaken = (path: string): boolean => differing.some(names => !names.has(path))
  return { taken: staged.filter(isTaken), made: staged.filter(path => !isTaken(path)) }
}

/** Git names them in its environment while it merges, and in a file once it has stopped. */
function mergeHeads(gitDir: string): readonly string[] {
  const file = join(gitDir, 'MERGE_HEAD')
  if (existsSync(file))
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
  return Object.keys(process.env).flatMap(name => /^GITHEAD_([0-9a-f]{40,64})$/.exec(name)?.[1] ?? [])
}

/**
 * What a rebase is about to do: it makes the commits of `branch` anew, on top of what `upstream` has.
 *
 * @throws HookInputError when git cannot tell.
 */
export async function rebasedPaths(
  folder: string,
  { upstream, branch }: { readonly upstream: string; readonly branch: string },
): Promise<MergedPaths> {
  const what = 'what the rebase makes anew'
  const idOf = async (name: string): Promise<string> =>
    (await askGit(folder, ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`], { what })).trim()
  const own = await idOf(branch)
  if (upstream === '--root')
    return { taken: [], made: [...(await committedFiles({ folder, wanted: [own], unwanted: [] })).keys()] }
  const onto = await idOf(upstream)
  const made = await committedFiles({ folder, wanted: [own], unwanted: [onto] })
  const taken = await committedFiles({ folder, wanted: [onto], unwanted: [own] })
  return { taken: [...taken.keys()].filter(path => !made.has(path)), made: [...made.keys()] }
}

function namesOf(told: string): readonly string[] {
  return told.split('\0').filter(name => name !== '')
}
