import { realpathSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileIdentity } from '@holdfast/engine/served'
import { whichLedger, type WhichLedger } from '@holdfast/engine/which-ledger'
import { UsageError } from '../failure/usage-error.ts'
import { plain } from '../print/plain.ts'

/** Where the agent of a document works, on this host. */
export function folderOf(directory: string | undefined): string {
  if (directory === undefined || !isAbsolute(directory))
    throw new UsageError('cwd: the document does not say in which folder of this host the agent works.')
  try {
    return realpathSync(directory)
  } catch (error) {
    const message = `cwd: ${plain(directory)} is no folder of this host. Paths are judged here; call \`holdfast guard check --hook\` where the agent works.`
    throw new UsageError(message, { cause: error })
  }
}

/** The served ledger as it is meant in a folder. Throws where nothing says what its regions mean there. */
export function ledgerIn(folder: string, url: string): WhichLedger {
  const found = whichLedger({ folder, environment: {} })
  if (found.exists === true && fileIdentity(found.url) === fileIdentity(url)) return found
  const named = whichLedger({ folder, named: url, environment: {} })
  if (named.away === undefined && named.rootIsOwn !== true) return named
  throw new UsageError(
    `${plain(folder)} is in no work tree of the ledger that this server has (${plain(url)}), so paths there cannot be judged by it. Ask the server of that tree's ledger, or call \`holdfast guard check --hook\` there.`,
  )
}
