import { randomUUID } from 'node:crypto'
import {
  closeSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createBeside, makeFolderBeside, openThere } from '@holdfast/store/internal'
import { digest, keyText, type SessionKey } from './session-key.ts'
import { readRecord, recordText, type SessionRecord } from './session-record.ts'

/** Files that the folder may hold before old ones are removed. */
const FILES_MAX = 2_000

/** How long a session that says nothing is remembered: longer than a lease may be held. */
const REMEMBERED_MS = 8 * 24 * 60 * 60 * 1000

/**
 * The names of sessions, and what they have been told: small files in a folder `<db>.sessions` beside the ledger, for the
 * same users as the ledger. A name is given once: its file is linked into place, which two processes cannot both do.
 */
export class SessionFiles {
  readonly #database: string
  readonly #folder: string

  private constructor(database: string) {
    this.#database = database
    this.#folder = `${database}.sessions`
  }

  /** `null`: there is no such place, as for a store on a server, or it may not be written. */
  static beside(storeUrl: string): SessionFiles | null {
    const database = /^sqlite:(.+)$/is.exec(storeUrl)?.[1]
    if (database === undefined) return null
    const files = new SessionFiles(database)
    try {
      return makeFolderBeside(database, files.#folder) ? files : null
    } catch {
      return null
    }
  }

  /** `null`: nothing is remembered of it. */
  read(key: SessionKey): SessionRecord | null {
    const text = this.#read(recordFile(key))
    return text === null ? null : readRecord(text)
  }

  /** Remembers a session. Where somebody else was faster, theirs stays, and is the answer. */
  begin(key: SessionKey, record: SessionRecord): SessionRecord {
    this.#prune()
    if (this.#put(recordFile(key), recordText(record))) return record
    const found = this.read(key)
    if (found !== null) return found
    this.keep(key, record)
    return record
  }

  /** False where it could not be written: the news is then told again. */
  keep(key: SessionKey, record: SessionRecord): boolean {
    const draft = this.#draft()
    try {
      this.#write(draft, recordText(record))
      renameSync(draft, join(this.#folder, recordFile(key)))
      return true
    } catch {
      return false
    } finally {
      rmSync(draft, { force: true })
    }
  }

  forget(key: SessionKey): void {
    rmSync(this.placeOf(key), { force: true })
  }

  /** The file of what is remembered of a session. */
  placeOf(key: SessionKey): string {
    return join(this.#folder, recordFile(key))
  }

  /**
   * Takes a name for a session, for good. False: another session has it.
   *
   * @throws Error with the system's code where nothing can be written.
   */
  take(name: string, key: SessionKey): boolean {
    const file = `name-${digest(name)}`
    if (this.#put(file, keyText(key))) return true
    if (this.#read(file) !== keyText(key)) return false
    // It is used again: what is used is not removed as old.
    const now = new Date()
    utimesSync(join(this.#folder, file), now, now)
    return true
  }

  #read(file: string): string | null {
    try {
      const opened = openThere(this.#database, join(this.#folder, file), 'read')
      try {
        return readFileSync(opened, 'utf8')
      } finally {
        closeSync(opened)
      }
    } catch {
      return null
    }
  }

  /** Puts a file in its place, whole; false where one is there already. */
  #put(file: string, text: string): boolean {
    const draft = this.#draft()
    try {
      this.#write(draft, text)
      linkSync(draft, join(this.#folder, file))
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    } finally {
      rmSync(draft, { force: true })
    }
  }

  #write(path: string, text: string): void {
    const file = createBeside(this.#database, path)
    try {
      writeSync(file, text)
    } finally {
      closeSync(file)
    }
  }

  #draft(): string {
    return join(this.#folder, `draft-${randomUUID()}`)
  }

  #prune(): void {
    const names = readdirSync(this.#folder)
    if (names.length < FILES_MAX) return
    const before = Date.now() - REMEMBERED_MS
    for (const name of names) {
      const path = join(this.#folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      if (found !== undefined && found.mtimeMs < before) rmSync(path, { force: true })
    }
  }
}

function recordFile(key: SessionKey): string {
  return `session-${keyText(key)}`
}
