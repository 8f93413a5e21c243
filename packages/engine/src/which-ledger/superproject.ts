import { basename, dirname, join, relative, sep } from 'node:path'
import { gitSettings } from './git-settings.ts'
import { isThere, repositoryAbove, type Repository } from './repository.ts'
import { unusableGit } from './unusable-git.ts'

/** The work tree that a folder belongs to: a submodule belongs to its superproject. */
export interface Belonging {
  readonly repository: Repository
  /** The top of the outermost submodule that the folder lies in; `null`: it lies in none. */
  readonly submodule: string | null
  /** The repositories of the submodules that the folder lies in, from the inside out. */
  readonly inner: readonly Repository[]
}

/** Follows a submodule to the repository that it is a part of, as far as that goes. */
export function belongingOf(repository: Repository): Belonging {
  let belonging: Belonging = { repository, submodule: null, inner: [] }
  for (;;) {
    const { repository: own, inner } = belonging
    const around = aroundOf(own)
    if (around === null || !isSubmodule(own, around)) break
    belonging = { repository: around, submodule: own.top, inner: [...inner, own] }
  }
  refuseStray(belonging.repository)
  return belonging
}

/** The repository around the top of another one. */
export function aroundOf({ top }: Repository): Repository | null {
  const parent = dirname(top)
  return parent === top ? null : repositoryAbove(parent)
}

/** The paths of a work tree's submodules, as `.gitmodules` lists them; relative to its top. */
export function submodulePaths(top: string): readonly string[] {
  return gitSettings(join(top, '.gitmodules'))
    .filter(({ section, name }) => section === 'submodule' && name === 'path')
    .map(({ value }) => value.replaceAll(/\/+$/g, ''))
    .filter(path => path !== '')
}

/** Its git directory lies in `modules/` of the other one, or it is listed there and has its git directory in itself. */
function isSubmodule({ top, gitDir }: Repository, around: Repository): boolean {
  const homes = [join(around.commonDir, 'modules'), join(around.gitDir, 'modules')]
  if (homes.some(home => gitDir.startsWith(home + sep))) return true
  const place = relative(around.top, top).split(sep).join('/')
  return submodulePaths(around.top).includes(place)
}

/**
 * A submodule's repository checked out anywhere but in its superproject: what it holds there goes by other paths, so a
 * ledger of its own would exclude nobody who works on the same files inside the superproject.
 */
function refuseStray({ top, commonDir }: Repository): void {
  for (let folder = commonDir; dirname(folder) !== folder; folder = dirname(folder)) {
    const modules = dirname(folder)
    if (basename(modules) !== 'modules' || !isThere(join(dirname(modules), 'HEAD'))) continue
    throw unusableGit(
      top,
      `is a work tree of a submodule's repository (${commonDir}) outside its superproject, where its files go by other paths`,
    )
  }
}
