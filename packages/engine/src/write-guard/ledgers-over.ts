import { join } from 'node:path'
import { isNamed } from '../which-ledger/ledger-files.ts'
import { ledgersOfSubmodules } from '../which-ledger/ledgers-of-submodules.ts'
import type { LedgerAt, WhichLedger } from '../which-ledger/which-ledger.ts'
import { folderOf, ledgersAt } from './ledgers-to-ask.ts'

const WILDCARD = /[*?[\]{}]/

/**
 * The further ledgers that the guard asks for files of a region, as far as they can be told without looking at every file:
 * those around, those at the folder in which each glob begins, and those of submodules from before they were that. Nested
 * repositories below a wildcard are left out. Where a ledger is named it alone has a say, under the roots of its work trees.
 *
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function ledgersOver(which: WhichLedger, region: readonly string[]): readonly LedgerAt[] {
  const folders = new Set(region.map(glob => folderOf(join(which.root, beginningOf(glob)))))
  const there = [...folders].flatMap(folder => ledgersAt(folder, which, which.root))
  const all = [...which.surrounding, ...there, ...(isNamed(which) ? [] : ledgersOfSubmodules(which.root))]
  const others = all.filter(({ url, root }) => url !== which.url || root !== which.root)
  return [...new Map(others.map(ledger => [JSON.stringify(ledger), ledger])).values()]
}

/** The whole segments before the first one with a wildcard. */
function beginningOf(glob: string): string {
  const segments = glob.split('/')
  const first = segments.findIndex(segment => WILDCARD.test(segment))
  return segments.slice(0, first < 0 ? undefined : first).join('/')
}
