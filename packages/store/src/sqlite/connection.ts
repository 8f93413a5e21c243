import { statSync } from 'node:fs'
import { DatabaseSync, type DatabaseSyncOptions, type StatementSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'
import { accessTo, LOG_SUFFIXES, refuseOddLogs, type StoreAccess } from './access.ts'
import { whyUnwritable } from './denied.ts'
import { chainHash } from './hash-chain.ts'
import { checkFormat } from './header.ts'
import { holdLocks } from './held-locks.ts'
import { copyForReading, stateNow } from './private-copy.ts'
import { integerIn } from './row.ts'
import { BACKUP_APPLICATION_ID, placeOf } from './schema.ts'
import { prepareLogFiles } from './side-file.ts'
import { damaged, isBusy, isUnshared } from './sqlite-error.ts'
import { parseStoreRow, REPLACE_STORE, SELECT_STORE, storeColumns, type StoreRow } from './store-row.ts'
import {
  parseStreamRow,
  REPLACE_STREAM,
  SELECT_STREAM,
  SELECT_STREAMS,
  streamColumns,
  UPDATE_STREAM,
  type StreamRow,
} from './stream-row.ts'
import { Witness } from './witness.ts'

const PRAGMAS = `
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 1000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cell_size_check = ON;
  PRAGMA trusted_schema = OFF;
`

const INSERT_EVENT = `
  INSERT INTO events (place, revision, event_id, type, schema_version, recorded_at, body, hash)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

/**
 * One connection to a database that is known to be ours, with every statement of the store. All of it is synchronous.
 * A process that may not write it, or could only by taking it from others, reads it and makes nothing beside it.
 */
export class Connection {
  readonly path: string
  readonly witness: Witness
  readonly #statements = new Map<string, StatementSync>()
  readonly #inode: number
  /** The log and the index that are open, by path. */
  readonly #logs: ReadonlyMap<string, number>
  readonly #storeId: string
  #release: (() => void) | undefined
  #access: StoreAccess
  #database: DatabaseSync
  /** What the copy was made from, where a copy is read. */
  #copied: string | undefined
  #copies = 0
  #seqSeen = 0

  constructor(path: string) {
    this.path = path
    this.#access = accessTo(path)
    this.#database = this.#open()
    try {
      this.checkFormat()
      if (this.#access.kind === 'write') {
        const mode = this.prepared('PRAGMA journal_mode').get()?.['journal_mode']
        if (mode !== 'wal' && !this.isBackup()) this.database.exec('PRAGMA journal_mode = WAL')
      }
      const file = statSync(path)
      this.#inode = file.ino
      this.#release = holdLocks(file)
      this.#storeId = parseStoreRow(this.prepared(SELECT_STORE).get()).storeId
      this.#logs = this.#access.kind === 'write' ? openLogs(path) : new Map()
      this.witness = new Witness(path, this.#storeId)
    } catch (error) {
      this.#database.close()
      this.#release?.()
      throw error
    }
  }

  get database(): DatabaseSync {
    return this.#database
  }

  /** Whether this process reads only, and leaves no file behind. */
  get readsOnly(): boolean {
    return this.#access.kind === 'read'
  }

  prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Changes whenever another connection has committed. */
  dataVersion(): number {
    if (this.#copied === undefined) return this.#pragma('data_version')
    this.#renew()
    return this.#copies
  }

  /** Begins to write; false when another connection does. */
  begin(): boolean {
    if (this.#access.kind === 'read') throw this.#unwritable()
    // Trying in vain is the common case under load, and most of its price was the stack of an error that is dropped.
    const stackDepth = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    try {
      this.prepared('BEGIN IMMEDIATE').run()
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw error
    } finally {
      Error.stackTraceLimit = stackDepth
    }
  }

  commit(): void {
    this.prepared('COMMIT').run()
  }

  rollback(): void {
    if (this.database.isTransaction) this.prepared('ROLLBACK').run()
  }

  /** Runs `work` on one consistent state of the file. */
  snapshot<T>(work: (store: StoreRow) => T): T {
    const witnessed = this.witness.newest()
    this.checkIdentity()
    this.#renew()
    this.#beginReading()
    try {
      return work(this.storeRow(witnessed?.seq ?? 0))
    } finally {
      this.rollback()
    }
  }

  /** The file's row; throws when the file is behind what it is known to have been. */
  storeRow(seqWitnessed = this.witness.newest()?.seq ?? 0): StoreRow {
    return this.checkedStore(parseStoreRow(this.prepared(SELECT_STORE).get()), seqWitnessed)
  }

  /** The same for the row as it is known to be. */
  checkedStore(store: StoreRow, seqWitnessed = this.witness.newest()?.seq ?? 0): StoreRow {
    const seqKnown = Math.max(seqWitnessed, this.#seqSeen)
    if (store.storeId !== this.#storeId) throw replaced(this.path, 'holds another store now')
    if (store.seq < seqKnown) throw rolledBack(this.path, store.seq, seqKnown)
    this.#seqSeen = store.seq
    return store
  }

  stream(store: StoreRow, name: string): StreamRow | undefined {
    const row = this.prepared(SELECT_STREAM).get(name)
    if (row !== undefined) {
      const stream = parseStreamRow(row)
      if (stream.name === name) return stream
    }
    const streams = this.streams()
    if (streams.length !== store.streams) throw damaged('streams are missing', this.path, 'gap')
    return streams.find(stream => stream.name === name)
  }

  streams(): readonly StreamRow[] {
    return this.prepared(SELECT_STREAMS).all().map(parseStreamRow)
  }

  /** The latest time that any stream recorded, on the store's clock. */
  newestClockMs(): number {
    return Math.max(Number.MIN_SAFE_INTEGER, ...this.streams().map(stream => stream.tip.clockAtMs))
  }

  /** Writes events behind a stream's tip; gives the stream as it is then. Inside a write transaction only. */
  insert(stream: StreamRow, events: readonly StoredEvent[], tip: StreamRow['tip']): StreamRow {
    let hash = stream.hash
    const insert = this.prepared(INSERT_EVENT)
    for (const event of events) {
      hash = chainHash(hash, stream.name, event)
      const place = placeOf(stream.id, event.position)
      insert.run(
        place,
        event.revision,
        event.eventId,
        event.type,
        event.schemaVersion,
        event.recordedAtMs,
        event.body,
        hash,
      )
    }
    const after = { ...stream, tip, hash }
    const columns = streamColumns(after)
    const { changes } = this.prepared(UPDATE_STREAM).run(...columns)
    if (changes === 0) this.prepared(REPLACE_STREAM).run(...columns)
    return after
  }

  replaceStore(store: StoreRow): void {
    this.prepared(REPLACE_STORE).run(...storeColumns(store))
  }

  /** Version of the tables. */
  format(): number {
    return this.#pragma('user_version')
  }

  /** Throws when a newer program has upgraded the tables. */
  checkFormat(): void {
    checkFormat(this.path, this.format())
  }

  /** Whether the file is a backup that was not restored. */
  isBackup(): boolean {
    return this.#pragma('application_id') === BACKUP_APPLICATION_ID
  }

  /**
   * Throws when the path leads to another file now, or the log or the index beside it is gone or another one: others find
   * what this connection does not, and writes into the old ones are lost.
   */
  checkIdentity(): void {
    checkSame(this.path, this.#inode)
    for (const [path, inode] of this.#logs) checkSame(path, inode)
  }

  close(): void {
    this.witness.close()
    this.#statements.clear()
    this.#database.close()
    this.#release?.()
    this.#release = undefined
  }

  #open(): DatabaseSync {
    refuseOddLogs(this.path)
    const options = { timeout: 0, enableForeignKeyConstraints: false } as const
    if (this.#access.kind === 'write') {
      if (this.#access.making !== undefined) prepareLogFiles(this.path, this.#access.making)
      return opened(this.path, options)
    }
    if (this.#access.place === 'in-place') {
      try {
        return opened(this.path, { ...options, readOnly: true })
      } catch (error) {
        if (!isUnshared(error)) throw error
        this.#access = { kind: 'read', place: 'copy' }
      }
    }
    const copy = copyForReading(this.path)
    try {
      const database = opened(copy.file, options)
      this.#copied = copy.state
      this.#copies += 1
      return database
    } finally {
      // It is open, and needs its names no more: nothing is left when this process is killed.
      copy.remove()
    }
  }

  /** Copies anew when something was committed since. */
  #renew(): void {
    if (this.#copied !== undefined && this.#copied !== stateNow(this.path)) this.#reopen()
  }

  #reopen(): void {
    this.#statements.clear()
    const before = this.#database
    this.#database = this.#open()
    before.close()
  }

  /** The first statement that reads takes the state. In place it can find that nobody keeps the index any more. */
  #beginReading(): void {
    this.prepared('BEGIN').run()
    if (this.#access.kind === 'write' || this.#access.place === 'copy') return
    try {
      this.prepared(SELECT_STORE).get()
    } catch (error) {
      if (!isUnshared(error)) throw error
      this.rollback()
      this.#access = { kind: 'read', place: 'copy' }
      this.#reopen()
      this.prepared('BEGIN').run()
    }
  }

  #unwritable(): StoreError {
    const message = whyUnwritable(this.path) ?? `${this.path} cannot be written. Nothing was written.`
    return new StoreError('unavailable', message)
  }

  #pragma(name: string): number {
    return integerIn(this.prepared(`PRAGMA ${name}`).get() ?? {}, name)
  }
}

/** None of a file that is no log-keeping database (a backup). */
function openLogs(path: string): ReadonlyMap<string, number> {
  const found = LOG_SUFFIXES.map(suffix => [path + suffix, statSync(path + suffix, { throwIfNoEntry: false })] as const)
  return new Map(found.flatMap(([file, stats]) => (stats === undefined ? [] : [[file, stats.ino]])))
}

function checkSame(path: string, inode: number): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.ino !== inode) throw replaced(path, found === undefined ? 'is gone' : 'is another file now')
}

/** Others who open the path find something else: what stands here binds nobody any more. */
function replaced(path: string, what: string): StoreError {
  const message = `The store was replaced while it was open: ${path} ${what}. Nothing was written; open it again.`
  return new StoreError('unavailable', message, { detail: 'replaced' })
}

/** Opens a database and reads its first page, so that its log and index are open too. */
function opened(path: string, options: DatabaseSyncOptions): DatabaseSync {
  const database = new DatabaseSync(path, options)
  try {
    database.exec(PRAGMAS)
    database.prepare('PRAGMA user_version').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function rolledBack(path: string, seq: number, seqKnown: number): StoreError {
  const message = `${path} ends at write ${seq}, but it had reached write ${seqKnown} before: its newest history is lost. Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { detail: 'rolled-back' })
}
