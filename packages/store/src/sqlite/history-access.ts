import type { LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import type { HistoryAccess, HistoryPiece, KeptPast, KeptState } from '../history-access.ts'
import { READ_BATCH_MAX } from '../read-by-position.ts'
import { checkStreamName } from '../stream-name.ts'
import type { Connection } from './connection.ts'
import { PieceFile } from './kept-pieces.ts'
import type { StreamReader } from './stream-reader.ts'

interface Sources {
  readonly connection: Connection
  readonly reader: StreamReader
  /** A read that is one of many. */
  readonly read: <T>(work: () => T) => Promise<T>
}

/** Finds entries by their revisions, and keeps pieces of history in a file beside the database. */
export class SqliteHistory implements HistoryAccess {
  readonly #connection: Connection
  readonly #reader: StreamReader
  readonly #read: Sources['read']
  readonly #pieces: PieceFile

  constructor({ connection, reader, read }: Sources) {
    this.#connection = connection
    this.#reader = reader
    this.#read = read
    this.#pieces = new PieceFile(connection.path, (stream, revision) =>
      read(() => reader.hashAnywhere(stream, revision)),
    )
  }

  async *at(stream: string, revisions: readonly Revision[]): AsyncGenerator<readonly LogEntry[], void, undefined> {
    checkStreamName(stream)
    for (let begin = 0; begin < revisions.length; begin += READ_BATCH_MAX) {
      const wanted = revisions.slice(begin, begin + READ_BATCH_MAX)
      const entries = await this.#read(() => this.#reader.at(stream, wanted))
      if (entries.length > 0) yield entries
    }
  }

  async revisionAt(stream: string, atMs: number): Promise<Revision | null> {
    checkStreamName(stream)
    const found = await this.#read(() => this.#reader.revisionAt(stream, atMs))
    return found === undefined ? null : (found as Revision)
  }

  async archivedCheckpoint(stream: string, before: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    checkStreamName(stream)
    let below: number = before
    for (;;) {
      const bound = below
      const entry = await this.#read(() => this.#reader.archivedCheckpoint(stream, bound))
      if (entry === undefined) return null
      if (entry.type === 'CHECKPOINT') return entry
      below = entry.revision
    }
  }

  async kept(stream: string, codeVersion: string, buckets: readonly number[] = []): Promise<KeptPast | null> {
    checkStreamName(stream)
    const oldest = await this.#read(() => this.#reader.oldest(stream))
    if (oldest === undefined) return null
    const { mayAdd } = this
    const loaded = await this.#pieces.load(stream, codeVersion, buckets)
    const isWhole = loaded !== null && (loaded.span?.from ?? oldest) <= oldest
    if (!isWhole && mayAdd) await this.#pieces.discard(stream, codeVersion)
    const { span, marks } = isWhole ? loaded : { span: null, marks: [] }
    return { through: span?.to ?? null, marks, oldest: oldest as Revision, mayAdd }
  }

  async keptState(stream: string, codeVersion: string, upTo: number, after = -1): Promise<KeptState | null> {
    checkStreamName(stream)
    return this.#pieces.state(stream, codeVersion, { upTo, after })
  }

  async keep(stream: string, codeVersion: string, pieces: readonly HistoryPiece[]): Promise<boolean> {
    checkStreamName(stream)
    return this.mayAdd && (await this.#pieces.keep(stream, codeVersion, pieces))
  }

  /** Whoever may only read the database keeps nothing beside it. */
  get mayAdd(): boolean {
    return !this.#connection.readsOnly && !this.#connection.isBackup()
  }

  close(): void {
    this.#pieces.close()
  }
}
