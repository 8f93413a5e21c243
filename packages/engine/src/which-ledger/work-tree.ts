import { realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { WorkTree } from '@holdfast/core'
import { realPathOf } from './real-path.ts'
import { backLinkOf, isThere, mainTopOf, repositoryAbove, repositoryNamed, type Repository } from './repository.ts'
import { belongingOf } from './superproject.ts'
import { madeTreeMark, treeMark } from './tree-mark.ts'

/** A folder's place in its repository, submodules counted to their superproject. */
export interface FolderLocation {
  /** The folder itself, no symbolic link left in it. */
  readonly folder: string
  /** `null`: it lies in no repository. */
  readonly repository: Repository | null
  /** The top of the outermost submodule that the folder lies in. */
  readonly submodule: string | null
  /** The repositories of the submodules that the folder lies in, from the inside out. */
  readonly inner: readonly Repository[]
}

/**
 * Where a folder lies: by what is above it on the disk, and only where there is nothing by what git's variables say, so
 * that a hook and a shell in the same folder come to the same answer.
 *
 * @throws StoreError `unavailable` for a `.git` that points nowhere, is none, or cannot be read.
 */
export function locationOf(folder: string, environment: NodeJS.ProcessEnv): FolderLocation {
  const real = realPathOf(folder)
  const repository = repositoryAbove(real) ?? repositoryNamed(environment, real)
  return {
    folder: real,
    ...(repository === null ? { repository, submodule: null, inner: [] } : belongingOf(repository)),
  }
}

/** The same for those who know their ledger: a `.git` that cannot be used marks the top of a work tree, and tells no more. */
export function locationAtLeast(
  folder: string,
  environment: NodeJS.ProcessEnv,
): FolderLocation & { readonly markedTop?: string } {
  try {
    return locationOf(folder, environment)
  } catch {
    const real = isThere(folder) ? realPathOf(folder) : folder
    return { folder: real, repository: null, submodule: null, inner: [], markedTop: markedAbove(real) ?? real }
  }
}

/**
 * The work tree of a place. `null`, which counts as every tree: outside git, in a bare repository, where git keeps it in
 * no usual place, where its git directory is at home in another folder (a tree that was copied, or moved without
 * `git worktree repair`; `--work-tree`), and for a linked one without a mark. `marking`: one that has none gets it.
 */
export function workTreeOf(
  { repository }: Pick<FolderLocation, 'repository'>,
  { marking = false }: { readonly marking?: boolean } = {},
): WorkTree | null {
  if (repository === null || repository.bare) return null
  const { gitDir, commonDir, top: path } = repository
  if (gitDir === commonDir) {
    const home = mainTopOf(repository)
    return home === null || isSameFolder(home, path) ? { id: 'main', path } : null
  }
  const within = relative(commonDir, gitDir).split(sep)
  if (within.length !== 2 || within[0] !== 'worktrees' || !isAtHome(repository)) return null
  // Git gives the name to another tree when this one is removed, and the mark goes with it.
  const mark = marking ? madeTreeMark(gitDir) : treeMark(gitDir)
  return mark === null ? null : { id: [...within, mark].join('/'), path }
}

/** Whether a linked work tree and its git directory name each other. */
function isAtHome({ gitDir, top }: Repository): boolean {
  try {
    const back = backLinkOf(gitDir)
    if (back === null || basename(back) !== '.git' || !isSameFolder(dirname(back), top)) return false
    return isThere(join(top, '.git')) && repositoryAbove(top)?.gitDir === gitDir
  } catch {
    return false
  }
}

function isSameFolder(folder: string, real: string): boolean {
  try {
    return realpathSync(folder) === real
  } catch {
    return false
  }
}

function markedAbove(folder: string): string | null {
  if (isThere(join(folder, '.git'))) return folder
  const parent = dirname(folder)
  return parent === folder ? null : markedAbove(parent)
}
