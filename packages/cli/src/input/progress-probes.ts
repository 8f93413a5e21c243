import { resolve } from 'node:path'
import type { ProgressProbe } from '@holdfast/engine'
import { rootOf } from '@holdfast/engine/which-ledger'
import type { LocalConfiguration } from '../schemas/local-configuration.ts'

/** Where work is looked for beside the log. */
export interface ProgressSources {
  readonly directory: string
  readonly files: boolean
  readonly commits: boolean
}

/** What the local configuration says of it; the folder as a whole path. */
export function progressSources({ progress }: LocalConfiguration): ProgressSources {
  const { directory, files, commits } = progress
  return { directory: directory === undefined ? rootOf(process.cwd()) : resolve(directory), files, commits }
}

/** The probes that look there. */
export async function progressProbes(
  { directory, files, commits }: ProgressSources,
  { caseSensitive }: { readonly caseSensitive: boolean },
): Promise<readonly ProgressProbe[]> {
  const { changedFiles, gitCommits } = await import('@holdfast/engine')
  return [
    ...(files ? [changedFiles({ directory, caseSensitive })] : []),
    ...(commits ? [gitCommits({ directory })] : []),
  ]
}
