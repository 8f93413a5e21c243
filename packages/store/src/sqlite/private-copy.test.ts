import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { copyForReading } from './private-copy.ts'

/** Rows, each on a page of its own. */
const ROWS = 40

/** A writer whose every commit counts up the first row and two of the others, so that what mixes two commits shows. */
class Writer {
  readonly path: string
  committed = 0
  #database: DatabaseSync

  constructor(path: string) {
    this.path = path
    this.#database = this.#open()
    this.#database.exec(
      'PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, commits INTEGER, fill TEXT)',
    )
    const insert = this.#database.prepare('INSERT INTO rows VALUES (?, 0, hex(randomblob(1000)))')
    for (let id = 0; id < ROWS; id += 1) insert.run(id)
  }

  readonly #steps = {
    commit: () => {
      this.committed += 1
      const others = ROWS - 1
      const touched = [0, 1 + (this.committed % others), 1 + ((this.committed + 7) % others)]
      this.#database.exec(`UPDATE rows SET commits = commits + 1 WHERE id IN (${touched.join()})`)
    },
    checkpoint: () => this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    restart: () => this.#database.exec('PRAGMA wal_checkpoint(RESTART)'),
    truncate: () => this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    // The log goes, and comes again.
    reopen: () => {
      this.#database.close()
      this.#database = this.#open()
    },
  }

  does(step: Step): void {
    this.#steps[step]()
  }

  close(): void {
    this.#database.close()
  }

  #open(): DatabaseSync {
    const database = new DatabaseSync(this.path)
    // No power is cut here.
    database.exec('PRAGMA synchronous = OFF')
    return database
  }
}

type Step = 'commit' | 'checkpoint' | 'restart' | 'truncate' | 'reopen'

/** What a writer can do at one moment, as far as the two files are concerned. */
const MOMENTS: readonly (readonly Step[])[] = [
  [],
  ['commit'],
  ['commit', 'checkpoint'],
  ['commit', 'restart', 'commit'],
  ['truncate', 'commit', 'checkpoint', 'commit'],
  ['commit', 'reopen'],
  ['reopen', 'commit', 'reopen'],
  ['reopen', 'commit', 'checkpoint', 'commit'],
]

/** How many commits a copy holds; throws where it mixes several states. */
function commitsIn(file: string): number {
  const database = new DatabaseSync(file)
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const counted = database
      .prepare(
        'SELECT sum(commits) FILTER (WHERE id = 0) AS first, sum(commits) FILTER (WHERE id > 0) AS others FROM rows',
      )
      .get()
    const first = Number(counted?.['first'])
    expect(counted?.['others']).toBe(2 * first)
    return first
  } finally {
    database.close()
  }
}

test.each([
  ['with a log', ['commit', 'commit']],
  ['with a log that is in the database', ['commit', 'checkpoint']],
  ['without a log', ['commit', 'reopen']],
] as const)(
  'a copy %s is of one instant after it was begun, whatever a writer does before and between its two files',
  (_what, before) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-copying-'))
    const writer = new Writer(join(folder, 'db'))
    try {
      for (const first of MOMENTS) {
        for (const second of MOMENTS) {
          for (const step of before) writer.does(step)
          const acknowledged = writer.committed
          const waiting = [first, second]
          const copy = copyForReading(writer.path, (from, to) => {
            // Before the first file that is copied, and after it; later tries are left alone.
            for (const step of waiting.length === 2 ? (waiting.shift() ?? []) : []) writer.does(step)
            if (existsSync(from)) copyFileSync(from, to)
            for (const step of waiting.shift() ?? []) writer.does(step)
          })
          expect(commitsIn(copy.file)).toBeGreaterThanOrEqual(acknowledged)
          copy.remove()
        }
      }
    } finally {
      writer.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

test('a database that somebody changes at every try is given up with the reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-copying-'))
  const path = join(folder, 'db')
  new Writer(path).close()
  const long = new Date(Date.now() - 60_000)
  let tries = 0
  const touch = (): void => {
    tries += 1
    utimesSync(path, long, new Date(long.getTime() + tries))
  }
  expect(() => copyForReading(path, touch)).toThrow('changed again and again')
  expect(statSync(path).size).toBeGreaterThan(0)
  rmSync(folder, { recursive: true, force: true })
})
