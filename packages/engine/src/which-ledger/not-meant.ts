import { resolve } from 'node:path'
import { StoreError } from '@holdfast/store'
import { nearestLedgers } from './nearest-ledgers.ts'
import type { WhichLedger } from './which-ledger.ts'

const NAMED_BY = { option: '--store', variable: 'HOLDFAST_STORE' } as const

/** No store is where one is meant, and none was to be made. */
export function noSuchStore(
  { url, why, surrounding }: WhichLedger,
  { folder, environment }: { readonly folder: string; readonly environment: NodeJS.ProcessEnv },
): StoreError {
  const path = url.replace(/^sqlite:/i, '')
  if (why !== 'option' && why !== 'variable') {
    const [outer] = surrounding
    const around =
      outer === undefined
        ? ''
        : ` The repository around this one has a ledger at ${outer.url}, which is asked too once this one has its own.`
    const message = `There is no ledger here yet: nothing is at ${path}. The first \`holdfast acquire\`, or \`holdfast init\`, makes it there.${around}`
    return new StoreError('no-ledger', message)
  }
  const near = nearestLedgers(path, folder, environment)
  const place = resolve(folder, path)
  const others = near.length === 0 ? 'None was found near it.' : `Near it there are ${near.join(', ')}.`
  const message = `There is no store at ${place}, which ${NAMED_BY[why]} names. ${others} Name one that exists; or make this one with \`holdfast init\`, or with --create and a command that writes.`
  return new StoreError('no-ledger', message)
}

/** There is a store, and no such ledger in it. */
export function noSuchLedger(url: string, ledger: string): StoreError {
  const message = `There is no ledger ${JSON.stringify(ledger)} at ${url}. Check --store and --ledger; or make it with \`holdfast init\`, or with --create and a command that writes.`
  return new StoreError('no-ledger', message)
}

/**
 * Holds a ledger against HOLDFAST_LEDGER_ID, which `run` sets for its child. `null`: the ledger would be a new one.
 *
 * @throws StoreError `foreign` for any other ledger.
 */
export function checkLedgerId(
  { ledgerId, url }: { readonly ledgerId: string | null; readonly url: string },
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const expected = environment['HOLDFAST_LEDGER_ID'] ?? ''
  if (expected === '' || expected === ledgerId) return
  const found = ledgerId === null ? `There is no ledger at ${url} yet` : `${url} holds the ledger ${ledgerId}`
  const message = `${found}, but this process was started under the ledger ${expected} (HOLDFAST_LEDGER_ID). Nothing was made. Use the store of that ledger, or unset HOLDFAST_LEDGER_ID.`
  throw new StoreError('foreign', message)
}
