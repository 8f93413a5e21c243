import type { EpochMs, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import type { SideStore } from './beside/abandon.ts'
import { BesideStore } from './beside/beside-store.ts'
import { systemBootClock, type BootClock } from './boot-clock.ts'
import { checkOptions } from './check-given.ts'
import { ChangeSignal } from './change-signal.ts'
import { StoreError } from './errors.ts'
import type {
  AppendResult,
  ArchiveReadOptions,
  ArchiveSummary,
  BackupReport,
  CommitDecider,
  CommitResult,
  CompactResult,
  ExpectedHead,
  Head,
  LogStore,
  NewEvent,
  ReadOptions,
  Snapshot,
  SnapshotKey,
  StoreCheck,
  SubscriptionItem,
} from './port.ts'
import { READ_BATCH_MAX, readByPosition } from './read-by-position.ts'
import { backupDatabase, ledgersAmong } from './sqlite/backup.ts'
import { ChangeNotice } from './sqlite/change-notice.ts'
import { checkStore } from './sqlite/check-store.ts'
import { compactStream } from './sqlite/compact.ts'
import type { Connection } from './sqlite/connection.ts'
import { SqliteHistory } from './sqlite/history-access.ts'
import { connect, databasePath, prepareFile } from './sqlite/open-connection.ts'
import { StreamReader } from './sqlite/stream-reader.ts'
import { SnapshotFile } from './sqlite/snapshot-file.ts'
import { asStoreError, isBackup, isBusy, locked } from './sqlite/sqlite-error.ts'
import { StreamWriter } from './sqlite/stream-writer.ts'
import { TicketQueue } from './sqlite/ticket-queue.ts'
import type { WaitQueue } from './sqlite/wait-queue.ts'
import { WriteLock } from './sqlite/write-lock.ts'
import { checkStreamName } from './stream-name.ts'
import { headOf } from './stream-tip.ts'
import { subscribeByReading } from './subscribe-by-reading.ts'

export { prepareRestore, type PendingRestore } from './sqlite/backup.ts'
export { filesInTheWay, type FileInTheWay } from './sqlite/files-in-the-way.ts'
export { checkShareable, shareStore, type SharedStore } from './sqlite/share-store.ts'

/** How long a write waits for its turn while nobody ahead of it gets one either, unless told otherwise. */
export const LOCK_DEADLINE_MS = 10_000

export interface SqliteStoreOptions {
  /** The database file; its companions (`.head`, `.notify`, `.queue`, `.wake`, `.snap`, `.past`, `-wal`, `-shm`) lie beside it. */
  readonly path: string
  /** Wall clock in milliseconds; asked only when the log clock is bound to a new boot. Default `Date.now`. */
  readonly clock?: (() => number) | undefined
  readonly bootClock?: BootClock | undefined
  /** Milliseconds without a turn for anybody ahead, after which a write is given up; default 10,000. */
  readonly lockDeadlineMs?: number | undefined
  /** Whether a store that is not there is made; default true. */
  readonly create?: boolean | undefined
  /** Called with the path before a store is made, when its folder is there. What it throws keeps it from being made. */
  readonly onMaking?: ((path: string) => void) | undefined
}

const OPTIONS = {
  clock: 'function',
  bootClock: 'object',
  lockDeadlineMs: 'number',
  create: 'boolean',
  onMaking: 'function',
} as const

/**
 * Opens a store in one file, for many processes of one host. Rejects with `foreign` or `ledger-newer` for a file that is
 * not ours to write, which then stays as it is, with `corrupt` for one that is damaged or behind its witness, and with
 * `unavailable` when it cannot be read and written.
 */
export async function openSqliteStore(
  options: SqliteStoreOptions,
  waitingFor: (path: string) => WaitQueue = path => new TicketQueue(path),
): Promise<LogStore> {
  checkOptions(options, OPTIONS)
  const path = databasePath(options.path)
  prepareFile(path, { create: options.create ?? true, onMaking: options.onMaking })
  const deadlineMs = options.lockDeadlineMs ?? LOCK_DEADLINE_MS
  const lock = new WriteLock({ waiting: waitingFor(path), deadlineMs, locked: () => locked(path) })
  const first = connect(path)
  const connection = first.kind === 'done' ? first.value : await lock.run(() => connect(path))
  const clocks = { wallMs: options.clock ?? Date.now, bootClock: options.bootClock ?? systemBootClock() }
  return new BesideStore(new SqliteStore(connection, lock, clocks))
}

/** The URL of the store at a path. */
export function sqliteUrl(path: string): string {
  return `sqlite:${databasePath(path)}`
}

interface Clocks {
  readonly wallMs: () => number
  readonly bootClock: BootClock
}

class SqliteStore implements SideStore {
  readonly kind = 'sqlite'
  readonly clock = 'steady'
  readonly url: string
  readonly past: SqliteHistory
  readonly #connection: Connection
  readonly #lock: WriteLock
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #snapshots: SnapshotFile
  readonly #changes = new ChangeSignal()
  readonly #notice: ChangeNotice
  readonly #closed = new AbortController()

  constructor(connection: Connection, lock: WriteLock, clocks: Clocks) {
    this.url = `sqlite:${connection.path}`
    this.#connection = connection
    this.#lock = lock
    this.#notice = new ChangeNotice(connection.path, this.#changes, () => connection.dataVersion())
    this.#reader = new StreamReader(connection)
    this.#writer = new StreamWriter(connection, clocks, () => this.#notice.touch())
    this.#snapshots = new SnapshotFile(connection.path, (stream, revision) =>
      this.#read(() => this.#reader.hashAt(stream, revision)),
    )
    const read = <T>(work: () => T): Promise<T> => this.#readBatch(work)
    this.past = new SqliteHistory({ connection, reader: this.#reader, read })
  }

  append(stream: string, expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#write(stream, () => this.#writer.append(stream, expected, events))
  }

  async commit(stream: string, after: Head, decider: CommitDecider): Promise<CommitResult> {
    checkStreamName(stream)
    let seen = after
    // Folding while it waits keeps the time under the lock, which all others wait for, short.
    const catchUp = (): void => {
      const entries = this.#reader.newEntries(stream, seen)
      if (entries.length > 0) decider.absorb(entries)
      seen = entries.at(-1)?.revision ?? seen
    }
    for (;;) {
      const result = await this.#write(stream, () => this.#writer.commit(stream, seen, decider), catchUp)
      if (result !== 'tail-too-long') return result
      seen = await this.#absorb(stream, seen, decider)
    }
  }

  read(stream: string, options: ReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    checkStreamName(stream)
    return readByPosition(options, {
      tip: () => this.#read(() => this.#reader.tip(stream)),
      positionFrom: revision => this.#read(() => this.#reader.positionFrom(stream, revision)),
      batch: (from, to, direction) => this.#readBatch(() => this.#reader.entries(stream, from, to, direction)),
    })
  }

  async *subscribe(
    stream: string,
    after: Head,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SubscriptionItem, void, undefined> {
    checkStreamName(stream)
    this.#checkOpen()
    const ended = AbortSignal.any([signal, this.#closed.signal])
    const release = this.#notice.follow()
    ended.addEventListener('abort', release, { once: true })
    if (ended.aborted) release()
    const source = {
      tip: () => this.#read(() => this.#reader.tip(stream)),
      positionAfter: (revision: Head) => this.#read(() => this.#reader.positionAfter(stream, revision)),
      batch: (from: number) =>
        this.#readBatch(() => this.#reader.entries(stream, from, from + READ_BATCH_MAX - 1, 'forwards')),
      changes: this.#changes,
    }
    try {
      yield* subscribeByReading(source, after, ended)
    } finally {
      release()
      ended.removeEventListener('abort', release)
    }
    if (!signal.aborted) this.#checkOpen()
  }

  async head(stream: string): Promise<Head> {
    checkStreamName(stream)
    return headOf(await this.#read(() => this.#reader.tip(stream)))
  }

  async ledgers(): Promise<readonly string[]> {
    return ledgersAmong(await this.#read(() => this.#connection.snapshot(() => this.#connection.streams())))
  }

  async now(stream: string): Promise<EpochMs> {
    checkStreamName(stream)
    const now = await this.#read(() => this.#writer.now(stream))
    return now ?? (await this.#write(stream, () => this.#writer.anchorAndNow(stream)))
  }

  async latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    checkStreamName(stream)
    return this.#read(() => this.#reader.latestCheckpoint(stream, before))
  }

  async discardBefore(stream: string, event: Revision): Promise<void> {
    while (await this.#writeBatch(stream, () => this.#writer.discardBefore(stream, event)));
  }

  async compact(stream: string, checkpoint: Revision): Promise<CompactResult> {
    checkStreamName(stream)
    return compactStream(stream, checkpoint, {
      connection: this.#connection,
      read: work => this.#readBatch(work),
      write: work => this.#writeBatch(stream, work),
      writes: this.#writer.cutWrites(stream),
    })
  }

  async *readArchive(
    stream: string,
    { from, signal }: ArchiveReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    checkStreamName(stream)
    const aborted = (): boolean => signal?.aborted ?? false
    let next = await this.#read(() => this.#reader.archivedNext(stream, from ?? 0))
    while (next !== undefined && !aborted()) {
      const revision: number = next
      const entries = await this.#readBatch(() => this.#reader.archived(stream, revision))
      const last = entries.at(-1)
      if (last !== undefined) yield entries
      next = last === undefined ? undefined : last.revision + 1
    }
  }

  async archive(stream: string): Promise<ArchiveSummary> {
    checkStreamName(stream)
    return this.#read(() => this.#reader.archive(stream))
  }

  async dropArchive(stream: string, before: EpochMs): Promise<ArchiveSummary> {
    await this.#write(stream, () => this.#writer.dropArchive(stream, before))
    // What a compaction that was interrupted has left of it goes too.
    const { clear } = this.#writer.cutWrites(stream)
    while (await this.#writeBatch(stream, clear));
    return this.archive(stream)
  }

  async backup(file: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<BackupReport> {
    this.#checkOpen()
    if (this.#connection.isBackup()) throw isBackup(this.#connection.path)
    return backupDatabase(this.#connection.path, file, signal)
  }

  async loadSnapshot(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    checkStreamName(stream)
    return this.#snapshots.load(stream, key)
  }

  async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    checkStreamName(stream)
    if (!this.#connection.readsOnly && !this.#connection.isBackup()) await this.#snapshots.save(stream, snapshot)
  }

  async check(stream: string): Promise<readonly StoreCheck[]> {
    checkStreamName(stream)
    return checkStore(stream, this.#connection, work => this.#readBatch(work))
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    await this.#lock.idle()
    this.#notice.close()
    this.past.close()
    this.#lock.close()
    this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Hands over what lies too far back to be folded under the lock; gives the revision that was reached. */
  async #absorb(stream: string, after: Head, decider: CommitDecider): Promise<Head> {
    let seen = after
    for (;;) {
      const entries = await this.#readBatch(() => this.#reader.farTail(stream, seen))
      const last = entries.at(-1)
      if (last === undefined) return seen
      decider.absorb(entries)
      seen = last.revision
    }
  }

  /** A turn at the write lock. */
  async #write<T>(stream: string, work: () => T, whileWaiting?: () => void): Promise<T> {
    checkStreamName(stream)
    this.#checkOpen()
    return this.#lock.run(got => {
      this.#checkOpen()
      return this.#writer.transaction(work, got)
    }, whileWaiting)
  }

  /** A read; waits out the moments in which SQLite locks readers out too (recovery, the last close). */
  async #read<T>(work: () => T): Promise<T> {
    this.#checkOpen()
    try {
      this.#connection.checkIdentity()
      return work()
    } catch (error) {
      if (!isBusy(error)) throw asStoreError(error, this.#connection.path)
    }
    return this.#lock.run(() => {
      this.#checkOpen()
      try {
        return { kind: 'done', value: work() }
      } catch (error) {
        if (isBusy(error)) return { kind: 'busy' }
        throw asStoreError(error, this.#connection.path)
      }
    })
  }

  /** A read that is one of many: lets timers run before it, so that a long history stops no heartbeat. */
  async #readBatch<T>(work: () => T): Promise<T> {
    await nextTurn()
    return this.#read(work)
  }

  /** The same for a write. */
  async #writeBatch<T>(stream: string, work: () => T): Promise<T> {
    await nextTurn()
    return this.#write(stream, work)
  }

  #checkOpen(): void {
    if (this.#closed.signal.aborted) throw new StoreError('unavailable', 'This store is closed. Open it again.')
  }
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
