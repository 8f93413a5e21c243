import { type EpochMs, type LogEntry, type ProcessIdentity, type RecordedEvent, type Revision } from '@holdfast/core'
import {
  StoreError,
  systemBootClock,
  type ArchiveReadOptions,
  type ArchiveSummary,
  type BootClock,
  type Head,
  type LogStore,
  type ReadOptions,
  type StoreCheck,
  type SubscriptionItem,
} from '@holdfast/store'
import { systemTimers, type Timers } from '../clock/timers.ts'
import { thisProcess } from '../process/identity.ts'
import { dialServer } from './dial.ts'
import { StoreAnswers } from './read-messages.ts'
import { LinkLost } from './link-lost.ts'
import { FAR, type Pace } from './pace.ts'
import { READ_MAX } from './protocol.ts'
import { DECIDED_ELSEWHERE, type DecidesElsewhere } from './decided-elsewhere.ts'
import { ItemQueue } from './item-queue.ts'
import { EntryPieces } from './entry-pieces.ts'
import { readBy } from './read-shape.ts'
import { RemoteCommands } from './remote-commands.ts'
import { RemoteConnection } from './remote-connection.ts'
import { tokenGiven } from './remote-token.ts'
import { remoteUrl } from './remote-url.ts'
import type { Socket } from 'node:net'

/** How long one call may take unless told otherwise. */
const WITHIN_MS = 10_000

export interface RemoteStoreOptions {
  /** `holdfast.NAME.SECRET`; default HOLDFAST_TOKEN, then the file that HOLDFAST_TOKEN_FILE names. */
  readonly token?: string | undefined
  readonly actor?: ProcessIdentity | null | undefined
  readonly timers?: Timers | undefined
  readonly bootClock?: BootClock | undefined
  readonly lockDeadlineMs?: number | undefined
  readonly pace?: Pace | undefined
}

/** Opens the store behind a server by HTTP. It is asked when it is first used. Throws `invalid` for an address or a token that is none. */
export function openRemoteStore(url: string, options: RemoteStoreOptions = {}): LogStore {
  const address = remoteUrl(url)
  const token = tokenGiven(options.token)
  const { timers = systemTimers, pace = FAR } = options
  return new RemoteStore(address, options, ledger =>
    dialServer({ url: address, ledger, token, timers, withinMs: pace.helloWithinMs }),
  )
}

/**
 * A log as a server by HTTP shows it, to be read. It is written by commands alone, which the server decides: `commit` and `append`
 * are refused.
 */
export class RemoteStore implements LogStore, DecidesElsewhere {
  readonly url: string
  /** The server says what its store is; whoever has not asked yet believes the least. */
  kind: LogStore['kind'] = 'sqlite'
  clock: LogStore['clock'] = 'can-step'
  readonly deadlineMs: number
  readonly #options: RemoteStoreOptions
  readonly #dial: (ledger: string) => Promise<Socket>
  readonly #connections = new Map<string, RemoteConnection>()
  readonly #ending = new AbortController()

  constructor(url: string, options: RemoteStoreOptions, dial: (ledger: string) => Promise<Socket>) {
    this.url = url
    this.#options = options
    this.#dial = dial
    this.deadlineMs = options.lockDeadlineMs ?? WITHIN_MS
  }

  readonly [DECIDED_ELSEWHERE]: DecidesElsewhere[typeof DECIDED_ELSEWHERE] = (parts, options) => own =>
    new RemoteCommands(own, parts, this.#connection(parts.stream), options)

  async head(stream: string): Promise<Head> {
    return readBy(StoreAnswers.head, await this.#ask(stream, 'head')).head
  }

  async now(stream: string): Promise<EpochMs> {
    return readBy(StoreAnswers.now, await this.#ask(stream, 'now')).nowMs
  }

  async archive(stream: string): Promise<ArchiveSummary> {
    return readBy(StoreAnswers.archive, await this.#ask(stream, 'archive'))
  }

  async check(stream: string): Promise<readonly StoreCheck[]> {
    const { checks } = readBy(StoreAnswers.check, await this.#ask(stream, 'check'))
    return checks.map(({ detail, ...check }) => (detail === undefined ? check : { ...check, detail }))
  }

  async latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    const [found] = await this.#page(stream, { what: 'checkpoint', from: before, limit: 1 })
    return found?.type === 'CHECKPOINT' ? found : null
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<readonly LogEntry[]> {
    yield* this.#pages(stream, { what: 'log', ...options })
  }

  async *readArchive(stream: string, options: ArchiveReadOptions = {}): AsyncGenerator<readonly LogEntry[]> {
    yield* this.#pages(stream, { what: 'archive', ...options })
  }

  async *subscribe(
    stream: string,
    after: Head,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SubscriptionItem> {
    const ends = AbortSignal.any([signal, this.#ending.signal])
    let last = after
    let isCaughtUp = false
    while (!ends.aborted) {
      const queue = new ItemQueue(ends)
      const link = await this.#connection(stream).link()
      const pieces = new EntryPieces()
      const told = (item: unknown): void => queue.push(pieces.take(item))
      const following = link.lasting({ do: 'follow', stream: 'log', after: last }, { signal: queue.ends, told })
      following.then(
        () => queue.finish(null),
        (error: unknown) => queue.finish(error instanceof Error ? error : new LinkLost('the stream failed')),
      )
      try {
        for await (const item of queue) {
          if (item.kind === 'caught-up' && isCaughtUp) continue
          if (item.kind === 'caught-up') isCaughtUp = true
          if (item.kind === 'entries') last = item.entries.at(-1)?.revision ?? last
          yield item
        }
      } catch (error) {
        // Lost, or too slow: it goes on after what was given.
        if (!(error instanceof LinkLost)) throw error
      } finally {
        queue.stop()
      }
    }
  }

  append(): Promise<never> {
    return Promise.reject(this.#readOnly())
  }

  commit(): Promise<never> {
    return Promise.reject(this.#readOnly())
  }

  compact(): Promise<never> {
    return Promise.reject(this.#readOnly())
  }

  dropArchive(): Promise<never> {
    return Promise.reject(this.#readOnly())
  }

  async loadSnapshot(): Promise<null> {
    return null
  }

  async saveSnapshot(): Promise<void> {}

  async close(): Promise<void> {
    this.#ending.abort()
    for (const connection of this.#connections.values()) connection.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #connection(ledger: string): RemoteConnection {
    const known = this.#connections.get(ledger)
    if (known !== undefined) return known
    const { actor = thisProcess(), timers = systemTimers, bootClock = systemBootClock(), pace } = this.#options
    const connection = new RemoteConnection({
      url: this.url,
      ledger,
      dial: () => this.#dial(ledger),
      actor,
      timers,
      boot: bootClock,
      withinMs: this.deadlineMs,
      pace,
    })
    connection.onLink(({ hello: { store } }) => {
      this.kind = store.kind ?? 'sqlite'
      this.clock = store.clock ?? 'can-step'
    })
    this.#connections.set(ledger, connection)
    return connection
  }

  async #ask(stream: string, what: 'now' | 'head' | 'archive' | 'check'): Promise<unknown> {
    return this.#again(stream, async link => (await link.store(what)).ok)
  }

  async *#pages(
    stream: string,
    {
      what,
      from,
      direction = 'forwards',
      limit = Infinity,
      signal,
    }: ReadOptions & { readonly what: 'log' | 'archive' },
  ): AsyncGenerator<readonly LogEntry[]> {
    let left = limit
    let next = from
    while (left > 0) {
      signal?.throwIfAborted()
      const asked = Math.min(left, READ_MAX)
      const page = await this.#page(stream, { what, from: next, direction, limit: asked })
      const last = page.at(-1)
      if (last === undefined) return
      yield page
      left -= page.length
      const step = direction === 'forwards' ? last.revision + 1 : last.revision - 1
      if (page.length < asked || step < 0) return
      // The next one, or the one before: a revision as well.
      next = step as Revision
    }
  }

  #page(
    stream: string,
    wanted: {
      readonly what: 'log' | 'archive' | 'checkpoint'
      readonly from?: Revision | undefined
      readonly direction?: 'forwards' | 'backwards'
      readonly limit: number
    },
  ): Promise<readonly LogEntry[]> {
    return this.#again(stream, async link => {
      const entries: LogEntry[] = []
      const pieces = new EntryPieces()
      const told = (item: unknown): void => {
        const whole = pieces.take(item)
        if (whole?.kind === 'entries') entries.push(...whole.entries)
      }
      await link.lasting({ do: 'read', ...wanted }, { told })
      return entries
    })
  }

  /** What is only read may be asked for again as often as need be. */
  async #again<T>(
    stream: string,
    ask: (link: Awaited<ReturnType<RemoteConnection['link']>>) => Promise<T>,
  ): Promise<T> {
    const connection = this.#connection(stream)
    const { boot } = { boot: this.#options.bootClock ?? systemBootClock() }
    const untilBootMs = boot.nowMs() + connection.withinMs
    for (;;) {
      const link = await connection.link(Math.max(0, untilBootMs - boot.nowMs()))
      try {
        return await ask(link)
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error
        if (!link.isLost) connection.drop(link)
      }
    }
  }

  #readOnly(): StoreError {
    const message = `The server at ${this.url} decides what is written; this is done on its host, at the store.`
    return new StoreError('invalid', message)
  }
}
