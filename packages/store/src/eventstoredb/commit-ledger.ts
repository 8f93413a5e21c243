import type { EpochMs, Revision } from '@holdfast/core'
import { commitByAppend, type AppendingStore } from '../commit-by-append.ts'
import type { CommitDecider, CommitResult, Head, NewEvent } from '../port.ts'
import type { Ledger } from './ledger.ts'
import { readEntries } from './read-entries.ts'
import { headOf, type StreamPoint } from './stream-point.ts'

/** Decisions that lose the race before a commit gives up, if its deadline does not come first: they follow at once. */
const ATTEMPTS_MAX = 5_000

/** Longest pause after a refusal that was ahead of what can be read. */
const PAUSE_MAX_MS = 50

export interface CommitOptions {
  readonly after: Head
  readonly decider: CommitDecider
  /** The log clock at a point. */
  readonly now: (tip: StreamPoint) => Promise<EpochMs>
}

/**
 * Commits to one ledger. Lets those processes go first that have waited longer, and takes in what they write meanwhile.
 * Then, while nobody else is known to have written, it decides at once and spares the look: the append is taken at
 * exactly that head or not at all, so a success proves that the decision saw everything. When it is refused, or the
 * decision was to write nothing, which no append can prove right, the leader is read and all is decided again.
 */
export async function commitLedger(ledger: Ledger, { after, decider, now }: CommitOptions): Promise<CommitResult> {
  const { stream, appender, rotation } = ledger
  let head = after
  /** Whether the leader was read since this commit began and nothing was sent since. */
  const catchUp = async (): Promise<void> => {
    const tip = await stream.tip()
    for await (const entries of readEntries(stream, from(head), tip)) {
      decider.absorb(entries)
      head = entries.at(-1)?.revision ?? head
    }
  }
  let isFresh = await rotation.turn(catchUp, { refused: false })
  let isBehind = false
  const store: AppendingStore = {
    append: async (_, expected, events) => {
      isFresh = false
      const result = await appender.append(expected, events)
      // A conflict has looked where the stream ends.
      isFresh = result.outcome === 'conflict'
      isBehind = result.outcome === 'conflict' && result.actual === expected
      return result
    },
    read: (_, options) => {
      const tip = isFresh ? stream.knownTip : undefined
      isFresh = false
      return readEntries(stream, options, tip)
    },
    // The read just before has asked the leader.
    head: async () => headOf(await knownTip()),
    now: async () => now(await knownTip()),
  }
  const knownTip = async (): Promise<StreamPoint> => stream.knownTip ?? (await stream.tip())
  /** Whoever was refused knows why and tries again at once: a pause would leave the next turn to the one that won. */
  const pause = async (attempt: number): Promise<void> => {
    if (isBehind) {
      await randomPause(attempt)
      isFresh = false
    }
    if (await rotation.turn(async () => void (await stream.tip()), { refused: true })) isFresh = true
  }
  const options = { pause, attemptsMax: ATTEMPTS_MAX }
  const tip = stream.knownTip
  if (tip === undefined || head === 'none' || headOf(tip) !== head) {
    return commitByAppend(store, stream.ledger, head, decider, options)
  }
  const nowMs = await now(tip)
  let first: readonly NewEvent[] | null = decider.decide({ entries: [], head, nowMs })
  if (first.length === 0) return commitByAppend(store, stream.ledger, head, decider, options)
  // What was decided goes first; only when it is refused does the decider hear of what others have written.
  const decided: CommitDecider = {
    absorb: entries => decider.absorb(entries),
    decide: view => {
      const events = first
      first = null
      return events ?? decider.decide(view)
    },
  }
  const decidedAt = head
  let looked = false
  const hurried: AppendingStore = {
    ...store,
    read: (_, request) => {
      const spare = !looked
      looked = true
      return spare ? nothing() : store.read(stream.ledger, request)
    },
    head: async () => (looked && first !== null ? decidedAt : store.head(stream.ledger)),
  }
  return commitByAppend(hurried, stream.ledger, head, decided, options)
}

function from(head: Head): { readonly from?: Revision } {
  return head === 'none' ? {} : { from: (head + 1) as Revision }
}

function randomPause(attempt: number): Promise<void> {
  const spanMs = Math.min(PAUSE_MAX_MS, 2 ** Math.min(attempt, 10))
  return new Promise(resolve => setTimeout(resolve, Math.random() * spanMs))
}

async function* nothing(): AsyncGenerator<never, void, undefined> {
  // A read that finds nothing new.
}
