import { InputError } from '../input-error.ts'
import { demandInTree } from './in-tree-marker.ts'
import { isDatabase, ledgerFiles, ledgerIn } from './ledger-files.ts'
import { mainTopOf } from './repository.ts'
import { locationOf } from './work-tree.ts'

/**
 * Where a ledger at the top of the main work tree belongs, for a git directory that is read-only to those who use it.
 *
 * @throws InputError outside git, where other work trees would not find it, and where another ledger is found already.
 * @throws StoreError `unavailable` as `whichLedger`.
 */
export function inTreeLedger(folder: string, environment: NodeJS.ProcessEnv = process.env): string {
  const location = locationOf(folder, environment)
  if (location.repository === null) throw refused(`${location.folder} lies in no git repository; leave --in-tree out`)
  const top = mainTopOf(location.repository)
  if (top === null) {
    throw refused(
      `git does not say where the main work tree of ${location.repository.commonDir} is, so other work trees would not find a ledger there; name one with HOLDFAST_STORE`,
    )
  }
  const path = ledgerIn(top)
  if (!isDatabase(path)) demandInTree(location.repository)
  const found = ledgerFiles(location).find(file => file.path !== path)
  if (found !== undefined) {
    throw refused(
      `there is already a ledger at ${found.path}, and a lease in one ledger does not exclude holders in another; move that ledger with \`holdfast move --to sqlite:${path}\``,
    )
  }
  return path
}

function refused(message: string): InputError {
  return new InputError([{ path: 'in-tree', message }])
}
