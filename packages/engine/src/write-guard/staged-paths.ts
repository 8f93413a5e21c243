import { realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { CommitPlace } from './commit-home.ts'
import type { GuardedPath } from './guarded-path.ts'
import { HookInputError } from './hook-input-error.ts'

/** Longest wait for git. */
const GIT_TIMEOUT_MS = 30_000

/** Largest list of staged paths. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** Renames are told as a removal and an addition, so that both sides are judged; settings that hide paths are off. */
const QUESTION = [
  'diff',
  '--cached',
  '--name-only',
  '-z',
  '--diff-filter=ACMRDTU',
  '--no-renames',
  '--no-relative',
  '--no-ext-diff',
  '--ignore-submodules=none',
]

/**
 * The paths that git is about to commit, relative to `top`, the top of its work tree: in a submodule that is not what
 * regions are relative to. `gitDir` is where the commit lands. Asks in the hook's own folder and with git's own environment, for a partial commit has an index
 * of its own.
 *
 * @throws HookInputError when git cannot tell.
 */
export async function stagedPaths(folder: string): Promise<CommitPlace & { readonly paths: readonly string[] }> {
  const [top, gitDir, staged] = await Promise.all([
    git(folder, ['rev-parse', '--show-toplevel']),
    git(folder, ['rev-parse', '--absolute-git-dir']),
    git(folder, QUESTION),
  ])
  const paths = staged.split('\0').filter(path => path !== '')
  return { top: realPath(top), gitDir: realPath(gitDir), paths }
}

function realPath(told: string): string {
  return realpathSync(told.replace(/\n$/, ''))
}

/** A path of the index relative to the root: a name in the tree, and no way through links. */
export function namedPath(given: string, { root, top }: { readonly root: string; readonly top: string }): GuardedPath {
  const place = join(top, given)
  const path = relative(root, place)
  const isOutside = path === '' || path === '..' || path.startsWith(`..${sep}`)
  if (isOutside) return { given, inside: [], outside: [place] }
  return { given, inside: [path.split(sep).join('/')], outside: [] }
}

async function git(folder: string, question: readonly string[]): Promise<string> {
  // Only this hook starts a process; the others need not wait for the module.
  const { execFile } = await import('node:child_process')
  const options = { cwd: folder, timeout: GIT_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX }
  return new Promise((resolve, reject) => {
    execFile('git', question, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout)
        return
      }
      const why = stderr.trim().split('\n')[0] ?? ''
      reject(
        new HookInputError(`git did not list the staged files: ${why === '' ? error.message : why}`, { cause: error }),
      )
    })
  })
}
