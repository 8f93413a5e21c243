import { closeSync, lstatSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBeside, oddityOf } from './side-file.ts'
import { isBusy } from './sqlite-error.ts'

/** Version of the tables (`user_version`). A file of another version counts as absent and is left alone. */
const FORMAT = 1

/** How long one try waits for another process, and how often it is tried: together longer than a piece takes to write. */
const BUSY_MS = 20
const TRIES_MAX = 50
const PAUSE_MS = 5

/** Its content can be made again from the log, and each row is sealed: a power cut may cost it, never an answer. */
const PRAGMAS =
  'PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;'

const SCHEMA = `
  -- What was derived from entries that follow each other. A block holds the marks of one bucket of several pieces.
  -- Every row is sealed; a piece seals its state.
  CREATE TABLE pieces (
    history TEXT NOT NULL,
    number INTEGER NOT NULL,
    from_revision INTEGER NOT NULL,
    to_revision INTEGER NOT NULL,
    after_hash TEXT NOT NULL,
    state_hash TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (history, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE marks (
    history TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    block INTEGER NOT NULL,
    body BLOB NOT NULL,
    seal INTEGER NOT NULL,
    PRIMARY KEY (history, bucket, block)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE states (
    history TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (history, number)
  ) STRICT;
  PRAGMA user_version = ${FORMAT};
`

interface Opened {
  readonly database: DatabaseSync
  readonly inode: number
  readonly writes: boolean
}

/**
 * `<db>.past`: a database of its own beside a store, which may be removed at any time. A link, a pipe or a stranger's file
 * in its place counts as absent, and so does one that cannot be read.
 */
export class PastFile {
  readonly #databasePath: string
  readonly #path: string
  #opened: Opened | undefined

  constructor(databasePath: string) {
    this.#databasePath = databasePath
    this.#path = `${databasePath}.past`
  }

  /** Reads on one consistent state; undefined where there is nothing that can be read. */
  read<T>(work: (database: DatabaseSync) => T): Promise<T | undefined> {
    return this.#run(false, 'BEGIN', work)
  }

  /** Writes all that `work` does or nothing; undefined where it cannot be written. */
  write<T>(work: (database: DatabaseSync) => T): Promise<T | undefined> {
    return this.#run(true, 'BEGIN IMMEDIATE', work)
  }

  close(): void {
    this.#opened?.database.close()
    this.#opened = undefined
  }

  async #run<T>(writes: boolean, begin: string, work: (database: DatabaseSync) => T): Promise<T | undefined> {
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      try {
        const database = this.#open(writes)
        return database === undefined ? undefined : transaction(database, begin, work)
      } catch (error) {
        this.close()
        if (!isBusy(error)) return undefined
      }
      await sleep(PAUSE_MS)
    }
    return undefined
  }

  #open(writes: boolean): DatabaseSync | undefined {
    if (!this.#isOurs()) return undefined
    let found = lstatSync(this.#path, { throwIfNoEntry: false })
    const known = this.#opened
    if (known !== undefined && known.inode === found?.ino && (known.writes || !writes)) return known.database
    this.close()
    if (found === undefined && !writes) return undefined
    // Made with the database's owners and mode; one that has another name besides becomes a file of its own.
    if (writes && found?.nlink !== 1) closeSync(openBeside(this.#databasePath, this.#path))
    found = lstatSync(this.#path)
    const database = new DatabaseSync(this.#path, { readOnly: !writes, timeout: BUSY_MS })
    // A link that took its place just now leads elsewhere.
    if (!this.#isOurs() || lstatSync(this.#path).ino !== found.ino || !isPrepared(database, writes)) {
      database.close()
      return undefined
    }
    this.#opened = { database, inode: found.ino, writes }
    return database
  }

  #isOurs(): boolean {
    return ['', '-journal'].every(suffix => oddityOf(this.#databasePath, this.#path + suffix, 'file') === null)
  }
}

function transaction<T>(database: DatabaseSync, begin: string, work: (database: DatabaseSync) => T): T {
  database.exec(begin)
  try {
    const value = work(database)
    database.exec('COMMIT')
    return value
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/** Whether the tables are there; makes them in a file that is empty. */
function isPrepared(database: DatabaseSync, writes: boolean): boolean {
  database.exec(PRAGMAS)
  const version = (): unknown => database.prepare('PRAGMA user_version').get()?.['user_version']
  if (version() === FORMAT) return true
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (!writes || !isEmpty || version() !== 0) return false
  transaction(database, 'BEGIN IMMEDIATE', () => {
    if (version() === 0) database.exec(SCHEMA)
  })
  return version() === FORMAT
}
