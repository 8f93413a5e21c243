import { execFile } from 'node:child_process'
import { type ProgressReading, unknownProgress } from './progress-probe.ts'

/** Longest wait for one git command. */
export const GIT_TIMEOUT_MS = 5000

/** Largest answer that is read. */
const OUTPUT_BYTES_MAX = 64 * 1024

/** Set inside git hooks, where they would turn every question to the hook's own repository. */
const REPOSITORY_VARIABLES: readonly string[] = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
]

export interface GitOptions {
  readonly directory: string
  readonly timeoutMs: number
  /** The git to run. */
  readonly command: string
  readonly signal: AbortSignal | undefined
}

export type GitAnswer =
  | { readonly ok: true; readonly text: string }
  /** `exitCode`: of git itself, when it ran to its end. */
  | { readonly ok: false; readonly exitCode: number | null; readonly reading: ProgressReading }

/** Asks git one question: reads only, takes no lock, prompts for nothing, fetches nothing. Never rejects. */
export function runGit(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const { directory, timeoutMs, command, signal } = options
  return new Promise(resolve => {
    execFile(
      command,
      ['--no-pager', '-C', directory, ...args],
      {
        env: environment(),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_BYTES_MAX,
        windowsHide: true,
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, text: stdout.trim() })
        else resolve(failure(error, stderr, options))
      },
    )
  })
}

function failure(
  error: { readonly code?: number | string | null; readonly killed?: boolean; readonly message: string },
  stderr: string,
  { command, timeoutMs, signal }: GitOptions,
): GitAnswer {
  const exitCode = typeof error.code === 'number' ? error.code : null
  const said = stderr.trim()
  const no = (reading: ProgressReading): GitAnswer => ({ ok: false, exitCode, reading })
  if (signal?.aborted === true) return no(unknownProgress('aborted', 'the question was withdrawn'))
  if (error.code === 'ENOENT') return no(unknownProgress('no-git', `there is no command ${command}`))
  if (error.killed === true) return no(unknownProgress('timed-out', `git did not answer within ${timeoutMs} ms`))
  if (/not a git repository|cannot change to/i.test(said)) return no(unknownProgress('no-repository', said))
  return no(unknownProgress('git-failed', said === '' ? error.message : said))
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.includes(name))
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
  }
}
