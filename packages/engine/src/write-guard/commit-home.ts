import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { backLinkOf, mainTopOf, repositoryAbove } from '../which-ledger/repository.ts'

/** What git says of itself where a commit is made. Both are real paths. */
export interface CommitPlace {
  /** The top of the work tree that the index is relative to. */
  readonly top: string
  /** Where the commit lands. */
  readonly gitDir: string
}

/**
 * The folder that the git directory of a commit is at home in, where that is not the one in which git was called, as with
 * `git --git-dir=… --work-tree=… commit`: those who lease the repository's paths do so from there. `null`: git goes by the
 * `.git` that everybody else finds in this folder.
 *
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function commitHome(folder: string, { top, gitDir }: CommitPlace): string | null {
  const found = repositoryAbove(realpathSync(folder))
  if (found?.gitDir === gitDir && found.top === top) return null
  const back = backLinkOf(gitDir)
  // One that stands by itself is asked about in itself, as a bare one is.
  return back === null ? (mainTopOf({ commonDir: gitDir }) ?? gitDir) : dirname(back)
}
