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
 * The paths that git is about to commit, relative to the top of the work tree. Asks with git's own environment, for a
 * partial commit has an index of its own.
 *
 * @throws HookInputError when git cannot tell.
 */
export async function stagedPaths(root: string): Promise<readonly string[]> {
  // Only this hook starts a process; the others need not wait for the module.
  const { execFile } = await import('node:child_process')
  const options = { cwd: root, timeout: GIT_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX }
  return new Promise((resolve, reject) => {
    execFile('git', QUESTION, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout.split('\0').filter(path => path !== ''))
        return
      }
      const why = stderr.trim().split('\n')[0] ?? ''
      reject(
        new HookInputError(`git does not tell what is staged: ${why === '' ? error.message : why}`, { cause: error }),
      )
    })
  })
}
