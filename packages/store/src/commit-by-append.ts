import type { LogEntry, Revision } from '@holdfast/core'
import { carriesLargeState } from './checkpoint-parts.ts'
import { remainingMs } from './deadline.ts'
import { encodeEvents } from './encode-event.ts'
import { StoreError } from './errors.ts'
import {
  COMMIT_TAIL_MAX,
  type AppendResult,
  type CommitDecider,
  type CommitResult,
  type Head,
  type LogStore,
  type NewEvent,
} from './port.ts'
import { decodeEvent } from './stored-event.ts'
import { behindThePresented } from './subscribe-by-reading.ts'

/** Decisions that lose the race before a commit gives up. */
export const COMMIT_ATTEMPTS_MAX = 200

/**
 * The same for a CHECKPOINT of a large state: each attempt writes all of it, and those who wait behind this commit have
 * waited long enough. Who wants it asks again later; automatic compaction does at its next look.
 */
export const LARGE_ATTEMPTS_MAX = 5

/** Repeats of an append whose answer was lost. */
const UNKNOWN_OUTCOME_REPEATS_MAX = 5

/** Longest pause between two attempts. */
const PAUSE_MAX_MS = 50

/** What the derivation needs: an append that is atomic and idempotent at its expected head. */
export type AppendingStore = Pick<LogStore, 'append' | 'read' | 'head' | 'now'>

export interface CommitByAppendOptions {
  /** Waits before attempt n + 1; default: random, growing to 50 ms. */
  readonly pause?: ((attempt: number) => Promise<void>) | undefined
  /** Decisions that lose the race before it gives up; default 200. */
  readonly attemptsMax?: number | undefined
}

/**
 * `commit` for stores without transactions: read what is new, decide, append at the head that was read, and on a
 * conflict do it again with what others wrote. Exclusion rests on the append's expected head alone.
 */
export async function commitByAppend(
  store: AppendingStore,
  stream: string,
  after: Head,
  decider: CommitDecider,
  { pause = randomPause, attemptsMax = COMMIT_ATTEMPTS_MAX }: CommitByAppendOptions = {},
): Promise<CommitResult> {
  let head = after
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const entries = await readUnseen(store, stream, head, decider)
    head = entries.head
    const nowMs = await store.now(stream)
    const events = decider.decide({ entries: entries.unseen, head, nowMs })
    if (events.length === 0) return { entries: [], head }
    const result = await appendResolved(store, stream, head, events)
    if (result.outcome === 'appended') {
      return { entries: await whatWasWritten(() => asRecorded(store, stream, events, result)), head: result.last }
    }
    if (head !== 'none' && (result.actual === 'none' || result.actual < head))
      throw behindThePresented(head, result.actual)
    const isEnough = events.some(carriesLargeState) && attempt + 1 >= LARGE_ATTEMPTS_MAX
    if (remainingMs() === 0 || isEnough) throw overtaken(attempt + 1)
    await pause(attempt)
  }
  throw overtaken(attemptsMax)
}

function overtaken(attempts: number): StoreError {
  const message = `${attempts} decisions in a row were overtaken by other writers. Nothing was written; try again.`
  return new StoreError('unavailable', message)
}

async function readUnseen(
  store: AppendingStore,
  stream: string,
  after: Head,
  decider: CommitDecider,
): Promise<{ unseen: readonly LogEntry[]; head: Head }> {
  let unseen: LogEntry[] = []
  let head = after
  for await (const batch of store.read(stream, after === 'none' ? {} : { from: (after + 1) as Revision })) {
    unseen.push(...batch)
    head = batch.at(-1)?.revision ?? head
    if (unseen.length > COMMIT_TAIL_MAX) {
      decider.absorb(unseen)
      unseen = []
    }
  }
  if (head === after && after !== 'none') {
    const actual = await store.head(stream)
    if (actual === 'none' || actual < after) throw behindThePresented(after, actual)
  }
  return { unseen, head }
}

/**
 * Repeating the same ids at the same head is safe: it answers as the lost answer would have. Once an answer was lost the
 * append may stand in the log whatever a repeat runs into, until one of them has an answer.
 */
async function appendResolved(
  store: AppendingStore,
  stream: string,
  expected: Head,
  events: readonly NewEvent[],
): Promise<AppendResult> {
  let doubt: StoreError | undefined
  for (let repeat = 0; ; repeat += 1) {
    try {
      return await store.append(stream, expected, events)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'timeout-unknown-outcome') doubt ??= error
      if (doubt === undefined) throw error
      if (repeat >= UNKNOWN_OUTCOME_REPEATS_MAX || remainingMs() === 0) throw doubt
    }
  }
}

/** Reads events that stand in the log: when that fails they stand there all the same, and nobody has said so. */
async function whatWasWritten<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'unavailable') throw error
    const message = `${error.message} The events were written. Repeat the same append, or read back.`
    throw new StoreError('timeout-unknown-outcome', message, { cause: error })
  }
}

async function asRecorded(
  store: AppendingStore,
  stream: string,
  events: readonly NewEvent[],
  { first, last, recordedAt, times }: Extract<AppendResult, { outcome: 'appended' }>,
): Promise<readonly LogEntry[]> {
  const plain = last - first === events.length - 1 && events.every(isPlain)
  if (plain) {
    const known = events.flatMap((event, index) => {
      const at = { revision: (first + index) as Revision, recordedAt: times?.[index] ?? recordedAt }
      return event.asRecorded === undefined ? [] : [event.asRecorded(at)]
    })
    if (known.length === events.length) return known
    return encodeEvents(events).map((event, index) =>
      decodeEvent(
        { ...event, position: index, revision: first + index, recordedAtMs: times?.[index] ?? recordedAt },
        () => [],
      ),
    )
  }
  const entries: LogEntry[] = []
  for await (const batch of store.read(stream, { from: first, limit: events.length })) entries.push(...batch)
  return entries
}

/** Recorded as it was given: with the store's time, and with no state that may have gone to a side stream. */
function isPlain({ type, recordedAt }: NewEvent): boolean {
  return recordedAt === undefined && type !== 'CHECKPOINT'
}

function randomPause(attempt: number): Promise<void> {
  const spanMs = Math.min(PAUSE_MAX_MS, 2 ** Math.min(attempt, 10))
  return new Promise(resolve => setTimeout(resolve, Math.random() * spanMs))
}
