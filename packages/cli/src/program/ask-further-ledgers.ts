import type { LedgerId } from '@holdfast/core'
import type { TreeOf } from '@holdfast/core/internal'
import { workTreeAt } from '@holdfast/engine/which-ledger'
import {
  checkWrites,
  type GuardedPath,
  type LedgerToAsk,
  type WriteAnswer,
  type Writer,
} from '@holdfast/engine/write-guard'
import { openStore } from '@holdfast/store'
import { continuesAt } from '@holdfast/store/internal'
import { foldOn, type OpenFold } from './open-fold.ts'

/** A ledger that refuses a write, besides the one that is meant. */
export interface RefusedBy {
  readonly store: string
  readonly ledgerId: LedgerId
  readonly root: string
  /** Its name in its store; absent: `default`. */
  readonly name?: string | undefined
}

type Refusal = Extract<WriteAnswer, { readonly verdict: 'refused' }>

const DEFAULT_LEDGER = 'default'

/** Nobody's region and what lies outside are judged once, by the ledger that is meant. */
const LEASES_ALONE = { unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const

/**
 * What further ledgers refuse of the paths that they may have leases on. Rejects where one of them cannot be asked, or
 * continues elsewhere: what is not known is not allowed.
 */
export async function askFurtherLedgers(
  ledgers: readonly LedgerToAsk[],
  { holder }: Pick<Writer, 'holder'>,
  meant: MeantLedger,
): Promise<readonly (Refusal & { readonly ledger: RefusedBy })[]> {
  return refusedFurther(ledgers, meant, ({ fold, paths, workTree, nowMs, ownClock }) => {
    // The token is one of the ledger that is meant.
    const request = { writer: { holder, workTree }, paths, policy: LEASES_ALONE, nowMs, ownClock }
    return checkWrites(fold.state, request).flatMap(answer => (answer.verdict === 'refused' ? [answer] : []))
  })
}

/** The ledger that is meant, and its name in its store. */
interface MeantLedger {
  readonly url: string
  readonly name: string
}

/** A further ledger, opened, and what it is asked about. */
export interface FurtherLedger extends Pick<OpenFold, 'fold' | 'nowMs' | 'ownClock'> {
  readonly paths: readonly GuardedPath[]
  readonly workTree: TreeOf
}

/** The same for whatever a ledger can refuse. */
export async function refusedFurther<R>(
  ledgers: readonly LedgerToAsk[],
  meant: MeantLedger,
  refusalsOf: (ledger: FurtherLedger) => readonly R[],
): Promise<readonly (R & { readonly ledger: RefusedBy })[]> {
  const refusals: (R & { readonly ledger: RefusedBy })[] = []
  for (const { url, root, paths, name } of ledgers.flatMap(ledger => namesIn(ledger, meant))) {
    const store = await openStore(url, { create: false })
    if ((await store.head(name)) === 'none') {
      await store.close()
      continue
    }
    await using opened = await foldOn(store, name)
    const { at, fold, nowMs, ownClock } = opened
    if (fold.state.movedTo !== null) throw continuesAt(store.url, fold.state.movedTo)
    const ledger = { store: store.url, ledgerId: at.ledgerId, root, ...(name === DEFAULT_LEDGER ? {} : { name }) }
    const refused = refusalsOf({ fold, paths, workTree: workTreeAt(root), nowMs, ownClock })
    refusals.push(...refused.map(refusal => ({ ...refusal, ledger })))
  }
  return refusals
}

/** In another store the same name may be used as here, or none. */
function namesIn(
  ledger: LedgerToAsk,
  meant: { readonly url: string; readonly name: string },
): readonly (LedgerToAsk & { readonly name: string })[] {
  const names = ledger.url === meant.url ? [meant.name] : [DEFAULT_LEDGER, meant.name]
  return [...new Set(names)].map(name => ({ ...ledger, name }))
}
