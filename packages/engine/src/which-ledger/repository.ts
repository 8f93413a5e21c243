import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readSmallFile } from '@holdfast/store/internal'
import { isMissing } from './file-errors.ts'
import { gitSettings } from './git-settings.ts'
import { unusableGit } from './unusable-git.ts'

/** A git repository as one of its work trees shows it. All paths are real ones: no symbolic link is left in them. */
export interface Repository {
  /** The top of the work tree; of a bare repository its git directory. */
  readonly top: string
  /** What belongs to this work tree alone. */
  readonly gitDir: string
  /** What all work trees share; `gitDir` itself for the main one. */
  readonly commonDir: string
  readonly bare: boolean
}

/**
 * The repository that a folder lies in: its own `.git`, else the nearest one upward, as git finds it. `null`: none.
 * Starts no git.
 *
 * @throws StoreError `unavailable` for a `.git` that points nowhere, is none, or cannot be read.
 */
export function repositoryAbove(folder: string): Repository | null {
  const here = repositoryAt(folder)
  if (here !== null) return here
  const parent = dirname(folder)
  return parent === folder ? null : repositoryAbove(parent)
}

function repositoryAt(folder: string): Repository | null {
  const entry = join(folder, '.git')
  const found = entryOf(entry)
  if (found !== null) return repositoryOf(linkedFrom(entry, found), { named: entry, top: folder })
  return isThere(join(folder, 'HEAD')) && looksLikeGit(folder) ? aroundGitDirectory(folder) : null
}

/** The repository that git's own variables name, for a folder that lies in none. */
export function repositoryNamed(
  { GIT_DIR, GIT_WORK_TREE, GIT_COMMON_DIR }: NodeJS.ProcessEnv,
  folder: string,
): Repository | null {
  if (GIT_DIR === undefined || GIT_DIR === '') return null
  const named = resolve(folder, GIT_DIR)
  const found = entryOf(named)
  if (found === null) throw unusableGit(`${named}, which GIT_DIR names,`, 'is not there')
  const common = GIT_COMMON_DIR === undefined || GIT_COMMON_DIR === '' ? undefined : resolve(folder, GIT_COMMON_DIR)
  const own = repositoryOf(linkedFrom(named, found), { named, top: folder, common })
  // Where nothing else is said, git takes the working folder for the top.
  const top = GIT_WORK_TREE === undefined || GIT_WORK_TREE === '' ? settingOf(own, 'worktree') : GIT_WORK_TREE
  if (top === undefined) return own
  return { ...own, top: realPath(resolve(GIT_WORK_TREE === top ? folder : own.gitDir, top), named) }
}

/** The top of the main work tree, where every other work tree can find it; `null`: there is none, or git does not say. */
export function mainTopOf({ commonDir }: Pick<Repository, 'commonDir'>): string | null {
  if (basename(commonDir) === '.git') return dirname(commonDir)
  const configured = settingOf({ gitDir: commonDir }, 'worktree')
  return configured === undefined ? null : resolve(commonDir, configured)
}

/** Where the git directory of a linked work tree says that the tree's `.git` is; `null`: it is none, or says nothing. */
export function backLinkOf(gitDir: string): string | null {
  const line = lineOf(join(gitDir, 'gitdir'))
  return line === null || line === '' ? null : resolve(gitDir, line)
}

/** Inside a git directory, as hooks of a bare repository are, or who has changed into `.git`. */
function aroundGitDirectory(gitDir: string): Repository {
  const own = { named: gitDir, top: gitDir }
  if (basename(gitDir) === '.git') return repositoryOf(gitDir, { ...own, top: dirname(gitDir) })
  const linked = lineOf(join(gitDir, 'gitdir'))
  const configured = settingOf({ gitDir }, 'worktree')
  const top = linked === null ? configured && resolve(gitDir, configured) : dirname(resolve(gitDir, linked))
  if (top === undefined) return { ...repositoryOf(gitDir, own), bare: true }
  return repositoryOf(gitDir, { ...own, top: realPath(top, gitDir) })
}

function repositoryOf(
  place: string,
  { named, top, common }: { readonly named: string; readonly top: string; readonly common?: string | undefined },
): Repository {
  const gitDir = realPath(place, named)
  const shared = common ?? resolve(gitDir, lineOf(join(gitDir, 'commondir')) ?? '.')
  const commonDir = realPath(shared, named)
  const whole =
    isThere(join(gitDir, 'HEAD')) && isFolder(join(commonDir, 'objects')) && isFolder(join(commonDir, 'refs'))
  if (!whole) throw unusableGit(named, `leads to ${gitDir}, which is no git directory`)
  return { top, gitDir, commonDir, bare: false }
}

function linkedFrom(entry: string, found: Stats): string {
  if (found.isDirectory()) return entry
  if (!found.isFile()) throw unusableGit(entry, 'is neither a folder nor a file')
  const target = /^gitdir: (.+)$/s.exec(lineOf(entry) ?? '')?.[1]
  if (target === undefined) throw unusableGit(entry, 'does not say where its git directory is (`gitdir: PATH`)')
  return resolve(dirname(entry), target)
}

/** What a `.git` is; `null` where there is nothing of that name. */
function entryOf(entry: string): Stats | null {
  try {
    return statSync(entry)
  } catch (error) {
    if (isMissing(error) && !isThere(entry)) return null
    throw unusableGit(entry, isMissing(error) ? 'is a symbolic link to nothing' : 'cannot be read', error)
  }
}

function realPath(path: string, named: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    throw unusableGit(
      named,
      `points to ${path}, which ${isMissing(error) ? 'is not there' : 'cannot be reached'}`,
      error,
    )
  }
}

/** The text of a file of one line, as git reads it: without the line's end. `null`: there is no such file. */
function lineOf(file: string): string | null {
  try {
    return readSmallFile(file).replace(/[\r\n]+$/, '')
  } catch (error) {
    if (isMissing(error)) return null
    throw unusableGit(file, 'cannot be read', error)
  }
}

function settingOf({ gitDir }: Pick<Repository, 'gitDir'>, name: string): string | undefined {
  return gitSettings(join(gitDir, 'config')).findLast(
    setting => setting.section === 'core' && setting.subsection === '' && setting.name === name,
  )?.value
}

/** Whether a folder is what the work trees of a repository share. What cannot be seen is none. */
export function isGitDirectory(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every(name => isThere(join(folder, name)))
}

/** Whether git would take a folder with a HEAD for a git directory. */
function looksLikeGit(folder: string): boolean {
  return isThere(join(folder, 'commondir')) || (isFolder(join(folder, 'objects')) && isFolder(join(folder, 'refs')))
}

/** Whether a name is taken, a link to nothing included. Where that cannot be seen, it counts as taken. */
export function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    return !isMissing(error)
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    if (isMissing(error)) return false
    throw unusableGit(path, 'cannot be read', error)
  }
}
