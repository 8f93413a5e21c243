import type { EpochMs, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import type { SideStore } from '../beside/abandon.ts'
import { withinDeadline } from '../deadline.ts'
import { StoreError } from '../errors.ts'
import type {
  AppendResult,
  ArchiveReadOptions,
  ArchiveSummary,
  CommitDecider,
  CommitResult,
  CompactResult,
  ExpectedHead,
  Head,
  NewEvent,
  ReadOptions,
  Snapshot,
  SnapshotKey,
  StoreCheck,
  SubscriptionItem,
} from '../port.ts'
import type { SnapshotFile } from '../sqlite/snapshot-file.ts'
import { checkLedger } from './check-ledger.ts'
import { commitLedger } from './commit-ledger.ts'
import { compactLedger } from './compact-ledger.ts'
import { newLedger, type Ledger } from './ledger.ts'
import type { LedgerStream } from './ledger-stream.ts'
import { ClockProbe } from './probe-clock.ts'
import { readEntries } from './read-entries.ts'
import type { Server } from './server.ts'
import { headOf, type StreamPoint } from './stream-point.ts'
import { subscribe } from './subscribe.ts'
import { truncateBefore } from './truncate.ts'

export interface EsdbStoreParts {
  readonly server: Server
  readonly snapshots: (ledgerAt: (stream: string) => Ledger) => SnapshotFile | null
  readonly closing: AbortController
  readonly probeMs: number
  /** How long one operation takes at most, all that it asks of the server included. */
  readonly deadlineMs: number
  readonly subscriptionPatienceMs: number
}

/** See `openEventStoreDbStore`. */
export class EsdbStore implements SideStore {
  readonly url: string
  readonly kind = 'eventstoredb'
  readonly clock = 'can-step'
  readonly deadlineMs: number
  readonly #parts: EsdbStoreParts
  readonly #snapshots: SnapshotFile | null
  readonly #probe: ClockProbe
  readonly #ledgers = new Map<string, Ledger>()
  readonly #underWay = new Set<Promise<unknown>>()
  #closed: Promise<void> | null = null

  constructor(parts: EsdbStoreParts) {
    this.url = parts.server.shownUrl
    this.deadlineMs = parts.deadlineMs
    this.#parts = parts
    this.#probe = new ClockProbe(parts.server)
    this.#snapshots = parts.snapshots(stream => this.#ledger(stream))
  }

  append(stream: string, expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#operation(async () => this.#ledger(stream).appender.append(expected, events))
  }

  commit(stream: string, after: Head, decider: CommitDecider): Promise<CommitResult> {
    return this.#operation(async () => {
      const ledger = this.#ledger(stream)
      const now = (tip: StreamPoint): Promise<EpochMs> => this.#now(ledger, tip)
      return ledger.turns.take(() => commitLedger(ledger, { after, decider, now }))
    })
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const { stream: physical } = this.#ledger(stream)
    for await (const entries of readEntries(physical, options)) {
      yield entries
      this.#checkOpen()
    }
  }

  async *subscribe(
    stream: string,
    after: Head,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SubscriptionItem, void, undefined> {
    const { stream: physical, watch } = this.#ledger(stream)
    const { closing, subscriptionPatienceMs: patienceMs } = this.#parts
    const either = AbortSignal.any([signal, closing.signal])
    yield* subscribe({ stream: physical, watch, after, signal: either, patienceMs })
    if (!signal.aborted) this.#checkOpen()
  }

  head(stream: string): Promise<Head> {
    return this.#operation(async () => headOf(await this.#ledger(stream).stream.tip()))
  }

  now(stream: string): Promise<EpochMs> {
    return this.#operation(async () => {
      const ledger = this.#ledger(stream)
      return this.#now(ledger, await ledger.stream.tip())
    })
  }

  latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    return this.#operation(async () => {
      const ledger = this.#ledger(stream)
      const checkpoint = await ledger.stream.latestCheckpoint(before)
      await this.#demandWhatWasSeen(ledger.stream)
      return checkpoint
    })
  }

  loadSnapshot(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    return this.#operation(async () => {
      this.#ledger(stream)
      return (await this.#snapshots?.load(stream, key)) ?? null
    })
  }

  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    return this.#operation(async () => {
      this.#ledger(stream)
      await this.#snapshots?.save(stream, snapshot)
    })
  }

  discardBefore(stream: string, event: Revision): Promise<void> {
    return this.#operation(async () => {
      const { stream: physical } = this.#ledger(stream)
      await truncateBefore(this.#parts.server, physical.name, await physical.positionFrom(event))
    })
  }

  compact(stream: string, checkpoint: Revision): Promise<CompactResult> {
    return this.#operation(async () => compactLedger(this.#ledger(stream), this.#parts.server, checkpoint))
  }

  async *readArchive(
    stream: string,
    { from = 0 as Revision, signal }: ArchiveReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const ledger = this.#ledger(stream)
    const begin = await ledger.stream.begin()
    if (begin === undefined) return
    const range = { from, logBegin: begin.position }
    for await (const placed of ledger.archive.read(range, () => signal?.aborted ?? false)) {
      yield placed.map(({ entry }) => entry)
      this.#checkOpen()
    }
  }

  archive(stream: string): Promise<ArchiveSummary> {
    return this.#operation(async () => {
      const ledger = this.#ledger(stream)
      return ledger.archive.summary((await ledger.stream.begin())?.position ?? 0)
    })
  }

  dropArchive(stream: string, before: EpochMs): Promise<ArchiveSummary> {
    return this.#operation(async () => {
      const ledger = this.#ledger(stream)
      const logBegin = (await ledger.stream.begin())?.position ?? 0
      await ledger.archive.drop(before, logBegin)
      return ledger.archive.summary(logBegin)
    })
  }

  check(stream: string): Promise<readonly StoreCheck[]> {
    return this.#operation(async () => checkLedger(this.#ledger(stream), this.#parts.server))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** An append that was sent has an answer to come: cutting it off would leave its outcome unknown for no reason. */
  async #close(): Promise<void> {
    this.#parts.closing.abort()
    await Promise.allSettled(this.#underWay)
    await this.#parts.server.link.close()
  }

  /** Whoever begins with the server's history has seen none of it. This machine may have, in an earlier process. */
  async #demandWhatWasSeen(stream: LedgerStream): Promise<void> {
    const known = headOf(stream.knownTip ?? (await stream.tip()))
    const seen = this.#snapshots?.seenBeyond(known === 'none' ? -1 : known, stream.ledger) ?? null
    if (seen === null) return
    // Another process of this machine may have gone on since, and cached that.
    const head = headOf(await stream.tip())
    if (head !== 'none' && head >= seen.throughRevision) return
    const end = head === 'none' ? 'is empty' : `ends at revision ${head}`
    const message = `The ledger ${JSON.stringify(stream.ledger)} at ${this.url} is shorter than before: it ${end}, but this machine has read its revision ${seen.throughRevision}. Restore a backup of the server. If it was emptied on purpose, remove ${seen.path}.`
    throw new StoreError('corrupt', message, { detail: 'rolled-back' })
  }

  async #now({ clock }: Ledger, tip: StreamPoint): Promise<EpochMs> {
    await this.#probe.look()
    return clock.nowMs(tip) as EpochMs
  }

  #ledger(stream: string): Ledger {
    this.#checkOpen()
    const known = this.#ledgers.get(stream)
    if (known !== undefined) return known
    const { server, closing, probeMs } = this.#parts
    const ledgerAt = (name: string): Ledger => this.#ledger(name)
    const ledger = newLedger(stream, { server, probeMs, closed: closing.signal, ledgerAt })
    this.#ledgers.set(stream, ledger)
    return ledger
  }

  async #operation<T>(run: () => Promise<T>): Promise<T> {
    this.#checkOpen()
    const running = withinDeadline(this.#parts.deadlineMs, run)
    this.#underWay.add(running)
    try {
      return await running
    } finally {
      this.#underWay.delete(running)
    }
  }

  #checkOpen(): void {
    if (this.#closed !== null) throw new StoreError('unavailable', 'This store is closed. Open it again.')
  }
}
