import { checkOptions, checkText } from '../check-given.ts'
import { unknownProgress, type ProgressProbe, type ProgressQuery, type ProgressReading } from './progress-probe.ts'
import { GIT_TIMEOUT_MS, runGit, type GitOptions } from './run-git.ts'
import { readInTree } from './tree-of-lease.ts'

export interface GitCommitsOptions {
  /** Somewhere inside the run's work tree; a lease of another tree is looked for in its own. */
  readonly directory: string
  /** Commit at which the run began; default none: every commit since the asked instant counts. */
  readonly base?: string | undefined
  /** Longest wait for each of at most two git commands; default 5 s. */
  readonly timeoutMs?: number | undefined
  /** The git to run; default `git`, along the PATH. */
  readonly command?: string | undefined
}

/**
 * Commits on HEAD that the base does not have and whose committer date is at or after the asked second. All of them
 * count, whoever made them: runs that share a branch share their progress, so give each a work tree of its own.
 */
export function gitCommits(options: GitCommitsOptions): ProgressProbe {
  checkOptions(options, { base: 'text', timeoutMs: 'number', command: 'text' })
  checkText(options.directory, 'directory')
  const { directory, base, timeoutMs = GIT_TIMEOUT_MS, command = 'git' } = options
  return {
    name: 'git-commits',
    kind: 'commits',
    read: query =>
      readInTree(directory, query, there =>
        countCommits(base, query, { directory: there, timeoutMs, command, signal: query.signal }),
      ),
  }
}

async function countCommits(
  base: string | undefined,
  { sinceMs }: ProgressQuery,
  git: GitOptions,
): Promise<ProgressReading> {
  const head = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], git)
  if (!head.ok) {
    // Quiet and 1: a repository in which nothing was ever committed.
    return head.exitCode === 1 ? { outcome: 'counted', count: 0 } : head.reading
  }
  const range = base === undefined ? head.text : `${base}..${head.text}`
  // With a zone git takes the number as it is; without one it guesses at short ones, from the time of day.
  const since = `--since=@${Math.max(0, Math.floor(sinceMs / 1000))} +0000`
  // A base that begins with a dash is a name all the same.
  const counted = await runGit(['rev-list', '--count', since, '--end-of-options', range, '--'], git)
  if (!counted.ok) return isUnknownRevision(counted.reading) ? unknownBase(base, git) : counted.reading
  const count = Number(counted.text)
  if (Number.isSafeInteger(count)) return { outcome: 'counted', count }
  return unknownProgress('git-failed', `git counted ${JSON.stringify(counted.text)}`)
}

function isUnknownRevision(reading: ProgressReading): boolean {
  return (
    reading.outcome === 'unknown' && /bad revision|unknown revision|invalid revision|bad object/i.test(reading.detail)
  )
}

function unknownBase(base: string | undefined, { directory }: GitOptions): ProgressReading {
  return unknownProgress('unknown-base', `${directory} has no commit ${JSON.stringify(base ?? 'HEAD')}`)
}
