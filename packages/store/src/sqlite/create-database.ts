import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { APPLICATION_ID, SCHEMA, SCHEMA_FORMAT } from './schema.ts'
import { makeFolder } from './make-folder.ts'
import { writePrivateFile } from './private-file.ts'
import { asStoreError } from './sqlite-error.ts'
import { REPLACE_STORE, storeColumns } from './store-row.ts'

/**
 * Makes a store at a path where nothing is. The file is built under another name and linked into place whole: nobody
 * ever sees half of it, and of several processes that do this at once one wins and the others use its file.
 */
export function createDatabase(path: string): void {
  const draft = `${path}.${randomUUID()}.new`
  try {
    makeFolder(dirname(path))
    build(draft)
    linkSync(draft, path)
    syncFolder(dirname(path))
  } catch (error) {
    if (!isAlreadyThere(error)) throw asStoreError(error, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Makes an empty file, which SQLite takes for a new database. */
export function makePrivateFile(path: string): void {
  writePrivateFile(path, '')
}

function build(path: string): void {
  makePrivateFile(path)
  const database = new DatabaseSync(path)
  try {
    database.exec(`
      PRAGMA synchronous = FULL;
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA_FORMAT};
      ${SCHEMA}
    `)
    const store = { storeId: randomUUID(), seq: 0, streams: 0, anchor: undefined }
    database.prepare(REPLACE_STORE).run(...storeColumns(store))
    database.exec('COMMIT; PRAGMA journal_mode = WAL')
  } finally {
    database.close()
  }
}

function isAlreadyThere(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'EEXIST' &&
    'syscall' in error &&
    error.syscall === 'link'
  )
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
