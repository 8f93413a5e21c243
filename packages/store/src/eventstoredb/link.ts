import { END, jsonEvent, START, type ResolvedEvent } from '@eventstore/db-client'
import { remainingMs } from '../deadline.ts'
import { StoreError } from '../errors.ts'
import { CallDeadlineError, callFailure, isConflict, isMissing, type CallFailure } from './call-failure.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import { PlainClient } from './plain-client.ts'
import type { ExpectedPosition, PhysicalEvent, ReadRequest, StoredRecord } from './stored-record.ts'

/** Grace over the client's own deadline before ours passes: ours is for the calls that it never ends. */
const DEADLINE_GRACE_MS = 250

export type AppendAttempt =
  | { readonly outcome: 'written'; readonly last: number }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'failed'; readonly failure: CallFailure }

export type ReadAttempt =
  | { readonly outcome: 'records'; readonly records: readonly StoredRecord[] }
  /** No such stream, or one that was deleted softly. */
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'failed'; readonly failure: CallFailure }

/** A live subscription: only a notice that something changed; what changed is read. */
export interface Following {
  /** Settles when the server or the line has ended it; never rejects. */
  readonly ended: Promise<void>
  readonly stop: () => void
}

/** The calls as others see them. */
export type Calls = Pick<Link, keyof Link>

/**
 * Single calls to the server, each with a deadline of its own, each asking the leader. After a call without an answer
 * the next one goes over a new connection, found by discovery again: a silent line or a leader that was cut off would
 * otherwise keep every later call.
 */
export class Link {
  readonly #settings: ConnectionSettings
  readonly #deadlineMs: number
  #client: PlainClient
  #closed = false

  constructor(settings: ConnectionSettings, deadlineMs: number) {
    this.#settings = settings
    this.#deadlineMs = deadlineMs
    this.#client = new PlainClient(settings)
  }

  async append(stream: string, expected: ExpectedPosition, events: readonly PhysicalEvent[]): Promise<AppendAttempt> {
    const client = this.#open()
    const leftMs = remainingMs()
    if (leftMs === 0) return { outcome: 'failed', failure: this.#tooLate() }
    const deadlineMs = Math.min(this.#deadlineMs, Math.ceil(leftMs))
    const proposed = events.map(({ eventId: id, type, data, metadata }) =>
      jsonEvent({ id, type, data: data as Record<string, unknown>, metadata: metadata as Record<string, unknown> }),
    )
    const expectedRevision = typeof expected === 'number' ? BigInt(expected) : expected
    try {
      const appending = client.appendToStream(stream, proposed, {
        expectedRevision,
        requiresLeader: true,
        deadline: deadlineMs,
      })
      const result = await within('an append', deadlineMs + DEADLINE_GRACE_MS, appending)
      // With `throwOnAppendFailure` a refusal throws; should that ever change, a refusal must not pass for success.
      if (!result.success) return { outcome: 'conflict' }
      return { outcome: 'written', last: Number(result.nextExpectedRevision) }
    } catch (thrown) {
      if (isConflict(thrown)) return { outcome: 'conflict' }
      return { outcome: 'failed', failure: this.#failure(client, thrown) }
    }
  }

  /** Deletes a stream softly, once; false when it was not done. */
  async remove(stream: string): Promise<boolean> {
    const client = this.#open()
    const leftMs = remainingMs()
    if (leftMs === 0) return false
    const deadlineMs = Math.min(this.#deadlineMs, Math.ceil(leftMs))
    try {
      const deleting = client.deleteStream(stream, { requiresLeader: true, deadline: deadlineMs })
      await within('a deletion', deadlineMs + DEADLINE_GRACE_MS, deleting)
      return true
    } catch (thrown) {
      this.#failure(client, thrown)
      return false
    }
  }

  /** Records in the direction asked for, at most `count`; what is hidden by a truncation is left out. */
  async read(stream: string, { from, direction = 'forwards', count }: ReadRequest): Promise<ReadAttempt> {
    const client = this.#open()
    const leftMs = remainingMs()
    if (leftMs === 0) return { outcome: 'failed', failure: this.#tooLate() }
    const deadlineMs = Math.min(this.#deadlineMs, Math.ceil(leftMs))
    const fromRevision = from === undefined ? (direction === 'forwards' ? START : END) : BigInt(from)
    const reading = client.readStream(stream, { fromRevision, direction, maxCount: count, requiresLeader: true })
    const records: StoredRecord[] = []
    try {
      await new Promise<void>((resolve, reject) => {
        const late = (): void => reject(new CallDeadlineError('a read', deadlineMs))
        // Counted anew with each event: a long page may take its time, silence may not.
        let timer = setTimeout(late, deadlineMs)
        const settle = (done: () => void) => (): void => {
          clearTimeout(timer)
          done()
        }
        reading.on('data', resolved => {
          clearTimeout(timer)
          timer = setTimeout(late, deadlineMs)
          const record = recordOf(resolved)
          if (record !== undefined) records.push(record)
        })
        reading.on('error', (error: Error) => settle(() => reject(error))())
        reading.on('end', settle(resolve))
      })
      return { outcome: 'records', records }
    } catch (thrown) {
      // The client leaves a call that was given up on open for ever.
      void reading.cancel().catch(() => undefined)
      if (isMissing(thrown)) return { outcome: 'missing' }
      return { outcome: 'failed', failure: this.#failure(client, thrown) }
    }
  }

  /** Calls `changed` once the subscription stands and whenever an event after `after` is there. */
  follow(stream: string, after: number | undefined, changed: () => void): Following {
    if (this.#closed) return { ended: Promise.resolve(), stop: () => undefined }
    const client = this.#client
    const fromRevision = after === undefined ? START : BigInt(after)
    const subscription = client.subscribeToStream(stream, { fromRevision, requiresLeader: true })
    let end: () => void = () => undefined
    const ended = new Promise<void>(resolve => {
      end = resolve
      subscription.on('error', (error: Error) => {
        this.#failure(client, error)
        end()
      })
      subscription.on('end', end)
      subscription.on('close', end)
    })
    subscription.on('confirmation', changed)
    subscription.on('data', changed)
    const stop = (): void => {
      end()
      subscription.destroy()
      void subscription.unsubscribe().catch(() => undefined)
    }
    return { ended, stop }
  }

  /** Makes the next call go over a new connection. */
  renew(): void {
    if (!this.#closed) this.#replace(this.#client)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#client.close()
  }

  #open(): PlainClient {
    if (this.#closed) throw new StoreError('unavailable', 'This store is closed. Open it again.')
    return this.#client
  }

  #failure(client: PlainClient, thrown: unknown): CallFailure {
    const failure = callFailure(thrown, this.#settings.shownUrl)
    if (failure.lineSuspect && !this.#closed) this.#replace(client)
    return failure
  }

  #replace(client: PlainClient): void {
    if (client !== this.#client) return
    this.#client = new PlainClient(this.#settings)
    client.abandon()
  }

  /** Nothing is sent: there is no time left in which it could be answered. */
  #tooLate(): CallFailure {
    const error = callFailure(new Error('Channel closed before call started'), this.#settings.shownUrl)
    return { ...error, lineSuspect: false }
  }
}

async function within<T>(what: string, deadlineMs: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CallDeadlineError(what, deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
    call.catch(() => undefined)
  }
}

function recordOf({ event }: ResolvedEvent): StoredRecord | undefined {
  if (event === undefined) return undefined
  const { id, type, revision, created } = event
  const data: unknown = event.data
  const metadata: unknown = event.metadata
  return { position: Number(revision), eventId: id, type, data, metadata, createdMs: created.getTime() }
}
