import type { LogStore } from '@holdfast/store'

/** Ledgers of a store that are looked at for one answer. */
const LEDGERS_LISTED_MAX = 1_000

/** A ledger of a list. */
export interface ListedLedger {
  readonly ledger: string
  readonly ledgerId: string
  readonly head: number
  /** Whether the server has it open now. It opens one when somebody asks for it. */
  readonly open: boolean
}

/** Those that a store holds, by name; none where the store cannot list them. Streams that are no ledger are left out. */
export async function heldLedgers(
  store: LogStore,
  isWanted: (name: string) => boolean,
): Promise<readonly ListedLedger[]> {
  const names = (await store.ledgers?.()) ?? []
  const wanted = names.filter(isWanted).toSorted().slice(0, LEDGERS_LISTED_MAX)
  const found: ListedLedger[] = []
  for (const ledger of wanted) {
    const head = await store.head(ledger)
    const ledgerId = await ledgerIdOf(store, ledger)
    if (head !== 'none' && ledgerId !== null) found.push({ ledger, ledgerId, head, open: false })
  }
  return found
}

/** What the log begins with names its ledger. */
async function ledgerIdOf(store: LogStore, ledger: string): Promise<string | null> {
  for await (const [first] of store.read(ledger, { limit: 1 })) {
    return first?.type === 'CHECKPOINT' ? first.data.ledgerId : null
  }
  return null
}
