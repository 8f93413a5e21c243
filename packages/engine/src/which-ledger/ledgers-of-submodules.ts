import { join } from 'node:path'
import { ledgerIn, isDatabase, ledgerInGitDirectory } from './ledger-files.ts'
import { repositoryAbove } from './repository.ts'
import { submodulePaths } from './superproject.ts'
import type { LedgerAt } from './which-ledger.ts'

/** Submodules that are looked into. */
const SUBMODULES_MAX = 1000

/**
 * Ledgers of a work tree's submodules from when they were repositories of their own: who took a lease there may still
 * believe in it. Only the tops of those that are checked out are looked at.
 *
 * @throws StoreError `unavailable` for a submodule's `.git` that cannot be used.
 */
export function ledgersOfSubmodules(top: string): readonly LedgerAt[] {
  return submodulePaths(top)
    .slice(0, SUBMODULES_MAX)
    .flatMap(path => {
      const root = join(top, path)
      const repository = repositoryAbove(root)
      if (repository === null || repository.top !== root) return []
      const inTree = isDatabase(ledgerIn(root)) ? [{ path: ledgerIn(root), root }] : []
      return [...inTree, ...ledgerInGitDirectory(repository)]
    })
    .map(({ path, root }) => ({ url: `sqlite:${path}`, root }))
}
