import { WRITER_VERSION } from '../events.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { Blocked } from './outcome.ts'

/** Why nobody may write here at all, if so. */
export function closedToAll(state: LedgerState): Blocked | null {
  if (state.foreign) {
    return blocked('foreign', 'the log holds events of another ledger; check --store and --ledger')
  }
  if (state.ledgerId === null && state.unreadable.length > 0) return unreadable(state)
  if (state.ledgerId === null) return blocked('not-founded', 'the ledger has no genesis yet; run `holdfast init`')
  if (state.movedTo !== null) return blocked('moved', `the ledger continues at ${state.movedTo}; use that store`)
  return null
}

/**
 * Why grants, evictions, adoptions and checkpoints are refused, if so: an old program must not grant over what it does
 * not understand, nor compact it away. Beats, releases, halts and spawns go on.
 */
export function closedToGrants(state: LedgerState): Blocked | null {
  return closedToRepair(state) ?? unreadable(state)
}

/** Why an operator may not decide on an unreadable entry either, if so: a newer program has asked for newer ones. */
export function closedToRepair(state: LedgerState): Blocked | null {
  const closed = closedToAll(state)
  if (closed !== null) return closed
  if (state.minWriter > WRITER_VERSION) {
    return blocked(
      'ledger-newer',
      `the ledger asks for writers of version ${state.minWriter}, this is ${WRITER_VERSION}; upgrade holdfast`,
    )
  }
  return null
}

function unreadable({ unreadable: [first], unreadableMore, head }: LedgerState): Blocked | null {
  if (first !== undefined) {
    return blocked(
      'ledger-newer',
      `the event at revision ${first} cannot be read by this version; upgrade holdfast, or decide with \`holdfast repair --skip ${first}\``,
    )
  }
  if (unreadableMore === 0) return null
  return blocked(
    'ledger-newer',
    `${unreadableMore} more events cannot be read by this version; upgrade holdfast, or pass over all of them with \`holdfast repair --skip ${head}\``,
  )
}

function blocked(code: Blocked['code'], message: string): Blocked {
  return { outcome: 'blocked', code, message }
}
