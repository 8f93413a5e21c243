import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lineChild, startScript } from './harness/children.ts'
import { beat } from './harness/events.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

let folder: string
let path: string
let remove: () => Promise<void>

beforeEach(async () => {
  ;({ folder, path, remove } = await freshFolder())
})

afterEach(() => remove())

/** Name and hash of every file in the folder. */
function fingerprint(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map(name => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )
}

function database(sql: string): void {
  const raw = new DatabaseSync(path)
  raw.exec(sql)
  raw.close()
}

describe('a file that is not ours stays untouched byte for byte', () => {
  test.each([
    { what: 'a text file', make: () => writeFileSync(path, 'not a database\n'.repeat(20)), code: 'foreign' },
    { what: 'a short file', make: () => writeFileSync(path, 'SQLite'), code: 'foreign' },
    { what: 'an empty file', make: () => writeFileSync(path, ''), code: 'foreign' },
    {
      what: "another application's database",
      make: () => database('CREATE TABLE t (x); INSERT INTO t VALUES (1)'),
      code: 'foreign',
    },
    {
      what: 'a database with an application id of its own',
      make: () => database('PRAGMA application_id = 77; CREATE TABLE t (x)'),
      code: 'foreign',
    },
  ])('$what', async ({ make, code }) => {
    make()
    const before = fingerprint()
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code })
    expect(fingerprint()).toEqual(before)
  })

  test('a store of a newer schema', async () => {
    await (await openSqliteStore({ path })).close()
    database('PRAGMA user_version = 3')
    const before = fingerprint()
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'ledger-newer' })
    expect(fingerprint()).toEqual(before)
  })
})

test('a newer schema that is still in the log only is noticed too', async () => {
  const store = await openSqliteStore({ path })
  database('PRAGMA user_version = 3')
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'ledger-newer' })
  await expect(store.append('default', 'none', [beat()])).rejects.toMatchObject({ code: 'ledger-newer' })
  await store.close()
})

test('a store that is not there is made only when that is wanted, folders included', async () => {
  const nested = join(folder, 'a', 'b', 'ledger.db')
  await expect(openSqliteStore({ path: nested, create: false })).rejects.toMatchObject({ code: 'no-ledger' })
  expect(readdirSync(folder)).toEqual([])
  await (await openSqliteStore({ path: nested })).close()
  await (await openSqliteStore({ path: nested, create: false })).close()
})

test('many that make one store at once make one', async () => {
  const stores = await Promise.all(Array.from({ length: 8 }, () => openSqliteStore({ path })))
  await Promise.all(stores.map(store => store.append('default', 'any', [beat()])))
  expect(await stores[0]?.head('default')).toBe(7)
  await Promise.all(stores.map(store => store.close()))
  expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual([])
})

test('a database that is gone while its witness is there is not begun anew', async () => {
  await using store = await openSqliteStore({ path })
  await store.append('default', 'none', [beat()])
  await store.close()
  rmSync(path)
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
})

test('a database that is replaced while it is open takes no more writes', async () => {
  await using store = await openSqliteStore({ path })
  await store.append('default', 'none', [beat()])
  for (const suffix of ['', '-wal', '-shm', '.head']) rmSync(`${path}${suffix}`, { force: true })
  await using other = await openSqliteStore({ path })
  await expect(store.append('default', 'any', [beat()])).rejects.toMatchObject({ code: 'unavailable' })
  expect(await other.head('default')).toBe('none')
})

describe('a witness that is no use refuses no good database', () => {
  test.each([
    { what: 'missing', spoil: () => rmSync(`${path}.head`) },
    { what: 'empty', spoil: () => truncateSync(`${path}.head`, 0) },
    { what: 'torn', spoil: () => truncateSync(`${path}.head`, 100) },
    { what: 'garbage', spoil: () => writeFileSync(`${path}.head`, Buffer.alloc(4096, 0x7f)) },
  ])('$what', async ({ spoil }) => {
    {
      await using store = await openSqliteStore({ path })
      for (let count = 0; count < 5; count += 1) await store.append('default', 'any', [beat()])
    }
    spoil()
    await using again = await openSqliteStore({ path })
    await again.append('default', 'any', [beat()])
    expect((await again.check('default')).filter(({ ok }) => !ok)).toEqual([])
  })

  test("another store's", async () => {
    {
      await using longer = await openSqliteStore({ path: join(folder, 'other.db') })
      for (let count = 0; count < 9; count += 1) await longer.append('default', 'any', [beat()])
      await using store = await openSqliteStore({ path })
      await store.append('default', 'any', [beat()])
    }
    writeFileSync(`${path}.head`, readFileSync(join(folder, 'other.db.head')))
    await using again = await openSqliteStore({ path })
    expect(await again.head('default')).toBe(0)
  })
})

test('an older copy put in place of the database is rolled back', async () => {
  await using store = await openSqliteStore({ path })
  await store.append('default', 'any', [beat()])
  await store.close()
  const older = readFileSync(path)
  {
    await using again = await openSqliteStore({ path })
    await again.append('default', 'any', [beat()])
  }
  writeFileSync(path, older)
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
})

test('a lock that is never given up fails the write at its deadline, and names the file', async () => {
  await using store = await openSqliteStore({ path, lockDeadlineMs: 100 })
  const blocker = new DatabaseSync(path)
  blocker.exec('BEGIN IMMEDIATE')
  const refused: unknown = await store.append('default', 'none', [beat()]).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'unavailable' })
  expect(String(refused)).toContain(path)
  blocker.exec('ROLLBACK')
  blocker.close()
  expect(await store.append('default', 'none', [beat()])).toMatchObject({ outcome: 'appended' })
})

test('waiting for the lock leaves the event loop to others', async () => {
  await using store = await openSqliteStore({ path, lockDeadlineMs: 300 })
  const blocker = new DatabaseSync(path)
  blocker.exec('BEGIN IMMEDIATE')
  let turns = 0
  const timer = setInterval(() => (turns += 1), 5)
  await expect(store.append('default', 'none', [beat()])).rejects.toMatchObject({ code: 'unavailable' })
  clearInterval(timer)
  blocker.close()
  expect(turns).toBeGreaterThan(10)
})

test('a full disk fails a write as unavailable, and there is normal work once there is room', async () => {
  await (await openSqliteStore({ path })).close()
  const script = new URL('harness/filling-child.ts', import.meta.url).pathname
  // The limit is on the size of files; the signal that comes with it is ignored, as on a full disk there is none.
  const shell = `trap '' XFSZ; ulimit -S -f 600; exec "$0" "$1" "$2"`
  const child = lineChild('/bin/bash', ['-c', shell, process.execPath, script, path])
  const lines: string[] = []
  for (let line = await child.line(); line !== null; line = await child.line()) lines.push(line)
  const [acknowledged, code, kept] = lines
  expect(code).toBe('unavailable')
  expect(kept).toBe(acknowledged)
  await using store = await openSqliteStore({ path })
  expect(String(await store.head('default'))).toBe(acknowledged)
  expect(await store.append('default', 'any', [beat()])).toMatchObject({ outcome: 'appended' })
  expect((await store.check('default')).filter(({ ok }) => !ok)).toEqual([])
})

test('a link to a store that is not there yet leads to where it is made, for the first as for all others', async () => {
  const link = join(folder, 'link.db')
  symlinkSync('hop.db', link)
  symlinkSync(join('real', 'ledger.db'), join(folder, 'hop.db'))
  mkdirSync(join(folder, 'real'))
  await using first = await openSqliteStore({ path: link })
  await using second = await openSqliteStore({ path: join(folder, 'real', 'ledger.db') })
  expect(first.url).toBe(second.url)
  await first.append('default', 'none', [beat()])
  expect(await second.head('default')).toBe(0)
  expect(readdirSync(folder).toSorted()).toEqual(['hop.db', 'link.db', 'real'])
})

test('links that lead in a circle are said to be of no use', async () => {
  symlinkSync('b.db', join(folder, 'a.db'))
  symlinkSync('a.db', join(folder, 'b.db'))
  await expect(openSqliteStore({ path: join(folder, 'a.db') })).rejects.toMatchObject({ code: 'unavailable' })
})

test('a pipe is not waited at, and a device not called an empty file', { timeout: 60_000 }, async () => {
  execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', path])
  const endsInTime = { timeout: 20_000, killSignal: 'SIGKILL' } as const
  for (const place of [path, '/dev/null']) {
    expect(await startScript('opening-child.ts', [place], endsInTime).line()).toBe('foreign')
  }
  expect(readdirSync(folder)).toEqual([basename(path)])
})

test('a folder that may not be written is unavailable', async () => {
  const locked = join(folder, 'locked')
  mkdirSync(locked)
  chmodSync(locked, 0o555)
  chmodSync(folder, 0o755)
  const script = new URL('harness/opening-child.ts', import.meta.url).pathname
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const child = lineChild(process.execPath, [script, join(locked, 'ledger.db')], asNobody)
  expect(await child.line()).toBe('unavailable')
  expect(readdirSync(locked)).toEqual([])
})

describe('store URLs', () => {
  test.each([
    { url: 'ledger.db', says: 'sqlite:PATH' },
    { url: 'mysql://user:secret@host/db', says: 'memory:' },
    { url: 'sqlite:', says: 'path' },
    { url: 'memory:shared', says: 'memory:' },
  ])('$url is invalid, and no secret is repeated', async ({ url, says }) => {
    const refused = openStore(url).catch((error: unknown) => error)
    expect(await refused).toMatchObject({ code: 'invalid' })
    expect(String(await refused)).toContain(says)
    expect(String(await refused)).not.toContain('secret')
  })

  test('sqlite:PATH and memory: open', async () => {
    await using file = await openStore(`sqlite:${path}`)
    await using memory = await openStore('memory:')
    expect([file.kind, file.url, memory.kind]).toEqual(['sqlite', `sqlite:${path}`, 'memory'])
  })
})
