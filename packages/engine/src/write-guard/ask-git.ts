import { realpathSync } from 'node:fs'
import type { CommitPlace } from './commit-home.ts'
import { HookInputError } from './hook-input-error.ts'

/** Longest wait for git. */
export const GIT_TIMEOUT_MS = 60_000

/** Largest answer that is kept as a whole. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * What git answers to a question, in the hook's own folder and with git's own environment.
 *
 * @throws HookInputError when git cannot tell.
 */
export async function askGit(
  folder: string,
  question: readonly string[],
  { what, input = '' }: { readonly what: string; readonly input?: string },
): Promise<string> {
  const { execFile } = await import('node:child_process')
  const options = { cwd: folder, timeout: GIT_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX }
  return new Promise((resolve, reject) => {
    const child = execFile('git', question, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout)
        return
      }
      const [said = ''] = stderr.trim().split('\n')
      reject(new HookInputError(`git did not tell ${what}: ${said === '' ? error.message : said}`, { cause: error }))
    })
    // Git may end before it has read all of it; its exit code says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** Where git works here; `null`: there is no work tree. */
export async function workTreeHere(folder: string): Promise<CommitPlace | null> {
  const what = 'which work tree this is'
  const gitDir = realPath(await askGit(folder, ['rev-parse', '--absolute-git-dir'], { what }))
  const isInside = (await askGit(folder, ['rev-parse', '--is-inside-work-tree'], { what })).trim() === 'true'
  if (!isInside) return null
  return { top: realPath(await askGit(folder, ['rev-parse', '--show-toplevel'], { what })), gitDir }
}

function realPath(told: string): string {
  return realpathSync(told.replace(/\n$/, ''))
}
