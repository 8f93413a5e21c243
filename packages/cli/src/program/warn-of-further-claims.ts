import type { LedgerAt, WhichLedger } from '@holdfast/engine/which-ledger'
import { claimsOver, ledgersOver, type FurtherClaim } from '@holdfast/engine/write-guard'
import { openStore } from '@holdfast/store'
import { plain } from '../print/plain.ts'
import { shellWord } from '../print/shell-word.ts'
import { clock } from '../print/times.ts'
import { foldOn } from './open-fold.ts'

const LEDGER = 'default'

/** Leases of one ledger that one answer tells of. */
const TOLD_MAX = 5

/**
 * What further ledgers hold of a region that is asked for in the one that is meant: a grant here excludes nobody there, and
 * the guard refuses a write that any of them refuses. A sample, and no part of the grant: ledgers have no order in common.
 */
export async function warnOfFurtherClaims(
  which: WhichLedger,
  request: { readonly region: readonly string[]; readonly holder: string },
): Promise<readonly string[]> {
  const told: string[] = []
  for (const ledger of ledgersOver(which, request.region)) {
    try {
      told.push(...(await claimsIn(ledger, which, request)))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      told.push(
        `${plain(ledger.url)} may hold some of these files and cannot be asked, so the guard refuses them: ${why}`,
      )
    }
  }
  return told
}

async function claimsIn(
  { url, root }: LedgerAt,
  which: WhichLedger,
  request: { readonly region: readonly string[]; readonly holder: string },
): Promise<readonly string[]> {
  const store = await openStore(url, { create: false })
  if ((await store.head(LEDGER)) === 'none') {
    await store.close()
    return []
  }
  await using ledger = await foldOn(store, LEDGER)
  const { fold, nowMs } = ledger
  if (fold.state.movedTo !== null) {
    const away = `${plain(url)} continues at ${plain(fold.state.movedTo)}, so the guard refuses files that it may hold`
    return fold.state.movedTo === which.url ? [] : [away]
  }
  const claims = claimsOver(fold.state, { ...request, ofRoot: which.root, root, nowMs })
  const more =
    claims.length > TOLD_MAX ? [`${claims.length - TOLD_MAX} more leases of ${plain(url)} cover some of it`] : []
  return [...claims.slice(0, TOLD_MAX).map(claim => toldOf(claim, { url, root })), ...more]
}

function toldOf({ leaseId, lane, holder, untilMs, drains }: FurtherClaim, { url, root }: LedgerAt): string {
  const has = drains ? 'may still believe in' : 'has'
  const lease = `${plain(leaseId)} (lane ${plain(lane)})`
  return (
    `some of these files are leased under another root: ${plain(holder)} ${has} ${lease} in ${plain(url)}, relative to ` +
    `${plain(root)}, until ${clock(untilMs)}. This grant excludes nobody there, and the guard refuses those files until it ` +
    `has ended. Look with \`holdfast leases --store ${shellWord(url)}\``
  )
}
