import type { EpochMs } from '@holdfast/core'
import { commitByAppend, type AppendingStore } from '../commit-by-append.ts'
import type { CommitDecider, CommitResult, Head, NewEvent } from '../port.ts'
import type { Ledger } from './ledger.ts'
import { headOf, type Place } from './place.ts'
import { readEntries } from './read-entries.ts'

export interface CommitOptions {
  readonly after: Head
  readonly decider: CommitDecider
  /** The log clock at a place. */
  readonly now: (tip: Place) => Promise<EpochMs>
}

/**
 * Commits to one ledger. While nobody else is known to have written since `after`, it decides at once and spares the
 * look: the append is taken at exactly that head or not at all, so a success proves that the decision saw everything.
 * When it is refused, or the decision was to write nothing, which no append can prove right, the leader is read and all
 * is decided again.
 */
export async function commitLedger(ledger: Ledger, { after, decider, now }: CommitOptions): Promise<CommitResult> {
  const { stream, appender } = ledger
  const store: AppendingStore = {
    append: (_, expected, events) => appender.append(expected, events),
    read: (_, options) => readEntries(stream, options),
    // The read just before has asked the leader.
    head: async () => headOf(await knownTip()),
    now: async () => now(await knownTip()),
  }
  const knownTip = async (): Promise<Place> => stream.knownTip ?? (await stream.tip())
  const tip = stream.knownTip
  if (tip === undefined || after === 'none' || headOf(tip) !== after) {
    return commitByAppend(store, stream.ledger, after, decider)
  }
  const nowMs = await now(tip)
  let first: readonly NewEvent[] | null = decider.decide({ entries: [], head: after, nowMs })
  if (first.length === 0) return commitByAppend(store, stream.ledger, after, decider)
  // What was decided goes first; only when it is refused does the decider hear of what others have written.
  const decided: CommitDecider = {
    absorb: entries => decider.absorb(entries),
    decide: view => {
      const events = first
      first = null
      return events ?? decider.decide(view)
    },
  }
  let looked = false
  const hurried: AppendingStore = {
    ...store,
    read: (_, options) => {
      const spare = !looked
      looked = true
      return spare ? nothing() : readEntries(stream, options)
    },
    head: async () => (looked && first !== null ? after : store.head(stream.ledger)),
  }
  return commitByAppend(hurried, stream.ledger, after, decided)
}

async function* nothing(): AsyncGenerator<never, void, undefined> {
  // A read that finds nothing new.
}
