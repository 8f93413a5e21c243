// What SQLite does at least for a durable row, and for a row of our tables.
import { hash, randomUUID } from 'node:crypto'
import { openSync, readSync, statSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { SCHEMA } from '../packages/store/src/sqlite/schema.ts'

/** Bytes of an ACQUIRE as it stands in the log, its hash and its ids included. */
const ROW_BYTES = 800

/** The same without the columns beside the body. */
const BODY_BYTES = 640

const DURABLE = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'

/** Sizes of the witness, of one slot of it, and of the ticket line. */
const WITNESS_BYTES = 4096
const SLOT_BYTES = 64
const LINE_BYTES = 3072

export interface RawInserts {
  /** One row a transaction. */
  readonly single: () => void
  readonly batch: (rows: number) => void
  readonly close: () => void
}

/** One table without an index, and none of our bookkeeping. */
export function rawInserts(file: string): RawInserts {
  const database = new DatabaseSync(file)
  database.exec(DURABLE)
  database.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO rows (body) VALUES (?)')
  const body = 'x'.repeat(ROW_BYTES)
  return {
    single: () => void insert.run(body),
    batch: rows => {
      database.exec('BEGIN IMMEDIATE')
      for (let row = 0; row < rows; row += 1) insert.run(body)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

export interface TableInserts {
  /** An event, and the two rows of bookkeeping that change with it, in one transaction. */
  readonly single: () => void
  readonly batch: (rows: number) => void
  /** The same between the system calls that guard a commit: line, identity of the files, witness, notice. */
  readonly guarded: () => void
  readonly close: () => void
}

/** Our tables with their indexes, and no code of ours: what a commit costs before anything is decided. */
export function tableInserts(file: string): TableInserts {
  const database = new DatabaseSync(file)
  database.exec(DURABLE)
  database.exec(SCHEMA)
  const seal = hash('sha256', 'seal')
  const body = 'x'.repeat(BODY_BYTES)
  database.exec(`INSERT INTO store VALUES (1, '${randomUUID()}', 0, 1, '${randomUUID()}', '', 0, 0, '${seal}')`)
  database.exec(`INSERT INTO streams VALUES (1, 'ledger', 0, '', 0, 0, 0, 0, 0, 0, 0, '${seal}', '${seal}')`)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const version = database.prepare('PRAGMA data_version')
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const stream = database.prepare('UPDATE streams SET position = ?, hash = ? WHERE id = 1')
  const store = database.prepare('UPDATE store SET seq = ? WHERE id = 1')
  let seq = 0
  const write = (rows: number): void => {
    for (let row = 0; row < rows; row += 1) {
      seq += 1
      insert.run(seq, seq, randomUUID(), 'ACQUIRE', 1, Date.now(), body, seal)
    }
    stream.run(seq, seal)
    store.run(seq)
    commit.run()
  }
  const [witness, line, notice] = ['head', 'queue', 'notify'].map(name => openSync(`${file}.${name}`, 'w+'))
  const bytes = Buffer.alloc(WITNESS_BYTES)
  if (witness === undefined || line === undefined || notice === undefined) throw new Error('three files are opened')
  writeSync(witness, bytes)
  const look = (): void => {
    for (const suffix of ['', '-wal', '-shm']) statSync(file + suffix)
  }
  const batch = (rows: number): void => {
    begin.run()
    write(rows)
  }
  return {
    single: () => batch(1),
    batch,
    guarded: () => {
      readSync(line, bytes, 0, LINE_BYTES, 0)
      begin.run()
      look()
      version.get()
      readSync(witness, bytes, 0, WITNESS_BYTES, 0)
      write(1)
      look()
      readSync(witness, bytes, 0, SLOT_BYTES, 0)
      writeSync(witness, bytes, 0, SLOT_BYTES, 0)
      writeSync(notice, bytes, 0, 1, 0)
    },
    close: () => database.close(),
  }
}
