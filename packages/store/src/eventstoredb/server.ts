import { remainingMs, spareDeadline } from '../deadline.ts'
import { StoreError } from '../errors.ts'
import { Backoff } from './backoff.ts'
import { callFailure, unknownOutcome, type CallFailure } from './call-failure.ts'
import type { Calls } from './link.ts'
import type { ServerClock } from './server-clock.ts'
import type { ExpectedPosition, PhysicalEvent, ReadRequest, StoredRecord } from './stored-record.ts'

/** How long a server may take to answer for the first time. */
const FIRST_ANSWER_MS = 4_000

/**
 * The server as one that answers in the end, or fails for good: calls repeated with bounded backoff, and no longer than
 * the deadline of the operation that they belong to.
 */
export class Server {
  readonly link: Calls
  readonly clock: ServerClock
  readonly shownUrl: string
  readonly #patienceMs: number
  readonly #closed: AbortSignal
  #answered = false

  constructor(options: {
    readonly link: Calls
    readonly clock: ServerClock
    readonly shownUrl: string
    readonly patienceMs: number
    readonly closed: AbortSignal
  }) {
    this.link = options.link
    this.clock = options.clock
    this.shownUrl = options.shownUrl
    this.#patienceMs = options.patienceMs
    this.#closed = options.closed
  }

  /** Records, or `missing`. Rejects with a `StoreError`. */
  async read(stream: string, request: ReadRequest): Promise<readonly StoredRecord[] | 'missing'> {
    const backoff = this.#backoff()
    for (;;) {
      const beganAtMs = performance.now()
      const attempt = await this.link.read(stream, request)
      if (attempt.outcome !== 'failed') {
        this.#answered = true
        // A long history may take its time while it comes; a look at the end is no history.
        const isFull = attempt.outcome === 'records' && request.count > 1 && attempt.records.length === request.count
        if (isFull) spareDeadline(performance.now() - beganAtMs)
      }
      if (attempt.outcome === 'missing') return 'missing'
      if (attempt.outcome === 'records') return attempt.records
      if (!attempt.failure.passing || !(await backoff.again())) throw attempt.failure.error
    }
  }

  /**
   * Appends at an expected position and, while the outcome is unknown, does it again: the same ids at the same place are
   * written once, whoever asks and whenever the first call lands. Gives the position of the last event, or `conflict`.
   */
  async append(
    stream: string,
    expected: Exclude<ExpectedPosition, 'any'>,
    events: readonly PhysicalEvent[],
  ): Promise<number | 'conflict'> {
    return this.#appendUntil(stream, expected, events, () => Promise.resolve(undefined))
  }

  /**
   * Appends wherever the stream ends. The server only does its best to know such an append again, so before each repeat
   * `find` looks whether the events are there.
   */
  async appendAnywhere(
    stream: string,
    events: readonly PhysicalEvent[],
    find: () => Promise<number | undefined>,
  ): Promise<number> {
    const last = await this.#appendUntil(stream, 'any', events, find)
    if (last === 'conflict') throw callFailure(new Error('a conflict at any revision'), this.shownUrl).error
    return last
  }

  /** Removes a stream that nothing names. Failing leaves it there, which takes room and no more. */
  async remove(stream: string): Promise<void> {
    await this.link.remove(stream)
  }

  /** What is read once an append may have been written: when that fails, the outcome is unknown and not just late. */
  async afterSending<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'unavailable') throw error
      throw unknownOutcome(error, this.shownUrl)
    }
  }

  async #appendUntil(
    stream: string,
    expected: ExpectedPosition,
    events: readonly PhysicalEvent[],
    find: () => Promise<number | undefined>,
  ): Promise<number | 'conflict'> {
    const backoff = this.#backoff()
    let doubtful: CallFailure | undefined
    for (;;) {
      const attempt = await this.link.append(stream, expected, events)
      if (attempt.outcome !== 'failed') this.#answered = true
      if (attempt.outcome === 'written') return attempt.last
      if (attempt.outcome === 'conflict') return 'conflict'
      const { failure } = attempt
      if (failure.written === 'unknown') doubtful ??= failure
      if (!failure.passing || !(await backoff.again())) {
        throw doubtful === undefined ? failure.error : unknownOutcome(doubtful.error, this.shownUrl)
      }
      const found = doubtful === undefined ? undefined : await this.afterSending(find)
      if (found !== undefined) return found
    }
  }

  /** A server that has never answered is more likely not there than electing a leader. */
  #backoff(): Backoff {
    const totalMs = this.#answered ? this.#patienceMs : Math.min(this.#patienceMs, FIRST_ANSWER_MS)
    return new Backoff(Math.min(totalMs, remainingMs()), this.#closed)
  }
}
