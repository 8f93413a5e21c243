import { covers, parseRegion, type Region } from '@holdfast/core'
import { literalPrefixes } from '@holdfast/core/internal'
import { checkOptions, checkText } from '../check-given.ts'
import { unknownProgress, type ProgressProbe, type ProgressQuery, type ProgressReading } from './progress-probe.ts'
import { readInTree } from './tree-of-lease.ts'
import { walkFiles, type WalkFiles } from './walk-files.ts'

/** Files that one reading looks at. */
export const WALKED_FILES_MAX = 200_000

/** Folders in which nobody's work shows: git's own, and what an installer puts there. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules'])

/** Segments whose case all ways of folding agree on. */
const PLAIN_SEGMENT = /^[\x20-\x7e]*$/

export interface ChangedFilesOptions {
  /** The folder that the region's globs are relative to, for a lease of the work tree that it lies in. */
  readonly directory: string
  /** As the ledger says; default false. */
  readonly caseSensitive?: boolean | undefined
  readonly walk?: WalkFiles | undefined
}

/**
 * Files under the region, in the work tree of the lease, whose change time is at or after the asked instant, by this host's wall clock. Removals are not
 * seen, and `.git` and `node_modules` are passed over. Past `WALKED_FILES_MAX` files it says what it found, or `unknown`
 * when that is nothing.
 */
export function changedFiles(options: ChangedFilesOptions): ProgressProbe {
  checkOptions(options, { caseSensitive: 'boolean', walk: 'function' })
  checkText(options.directory, 'directory')
  const { directory, caseSensitive = false, walk = walkFiles } = options
  return {
    name: 'changed-files',
    kind: 'files',
    async read(query) {
      const parsed = parseRegion(query.region, { caseSensitive })
      if (!parsed.ok) {
        const problems = parsed.problems.map(({ glob, reason }) => `${glob}: ${reason}`)
        return unknownProgress('invalid-region', problems.join('; '))
      }
      try {
        return await readInTree(directory, query, there =>
          countChanged(parsed.region, query, walk(there, entering(parsed.region))),
        )
      } catch (error) {
        return unknownProgress('unreadable-folder', error instanceof Error ? error.message : String(error))
      }
    },
  }
}

async function countChanged(
  region: Region,
  { sinceMs, signal }: ProgressQuery,
  files: ReturnType<WalkFiles>,
): Promise<ProgressReading> {
  let count = 0
  let walked = 0
  for await (const { path, changedAtMs } of files) {
    if (signal?.aborted === true) return unknownProgress('aborted', 'the question was withdrawn')
    walked += 1
    if (walked > WALKED_FILES_MAX) {
      if (count > 0) break
      return unknownProgress('too-many-files', `more than ${WALKED_FILES_MAX} files lie where the region points`)
    }
    if (!covers(region, path)) continue
    const atMs = await changedAtMs()
    if (atMs !== null && atMs >= sinceMs) count += 1
  }
  return { outcome: 'counted', count }
}

/** Enters only folders that lie above or below the fixed beginning of some glob. */
function entering(region: Region): (folder: string) => boolean {
  const prefixes = literalPrefixes(region)
  return folder => {
    const segments = folder.split('/')
    if (segments.some(segment => PASSED_OVER.has(segment))) return false
    return prefixes.some(prefix => prefix.every((fixed, at) => maybeSame(fixed, segments[at], region.caseSensitive)))
  }
}

function maybeSame(fixed: string, segment: string | undefined, caseSensitive: boolean): boolean {
  if (segment === undefined || segment === fixed) return true
  if (caseSensitive) return false
  if (!PLAIN_SEGMENT.test(fixed) || !PLAIN_SEGMENT.test(segment)) return true
  return fixed.toLowerCase() === segment.toLowerCase()
}
