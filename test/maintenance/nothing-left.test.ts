import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { compactLedger } from '@holdfast/engine'
import { openLeanLedger, type Ledger } from '@holdfast/engine/lean'
import { checkMovable, moveLedger } from '@holdfast/engine/maintenance'
import { openStore } from '@holdfast/store'
import { storeUrlOf } from '@holdfast/store/internal'
import { expect, test, vi } from 'vitest'
import { field, Holdfast } from '../cli/holdfast.ts'
import { appendBeats } from './many-beats.ts'

/** A ledger with an archive, made in the file. */
async function make(path: string, more: (ledger: Ledger) => Promise<unknown> = async () => undefined): Promise<void> {
  await using ledger = await openLeanLedger(`sqlite:${path}`, { actor: null })
  await appendBeats(ledger, 2000)
  await compactLedger(ledger)
  await more(ledger)
}

function alter(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

/** Writes what this version cannot read. */
async function fromTheFuture({ store, stream }: Ledger): Promise<void> {
  const event = { eventId: 'x', type: 'ACQUIRE', schemaVersion: 9, actor: null, data: {} }
  await store.append(stream, await store.head(stream), [event])
}

/** A ledger that opens and works, and whose past cannot be read. */
async function makeDamaged(path: string): Promise<void> {
  await make(path)
  alter(path, 'UPDATE archive_chunks SET body = zeroblob(100)')
}

/** Sources that something is wrong with, each in its way, in the folder of the command. */
async function badSources(holdfast: Holdfast): Promise<void> {
  const path = (name: string) => holdfast.path(name)
  await make(path('sound.db'))
  await make(path('newer.db'), fromTheFuture)
  await make(path('future.db'))
  alter(path('future.db'), 'PRAGMA user_version = 99')
  await makeDamaged(path('damaged.db'))
  await make(path('moved.db'), async ledger => {
    await using home = await openStore(`sqlite:${path('home.db')}`)
    await moveLedger(ledger, home)
  })
  for (const name of ['sound', 'moved'])
    await holdfast.call(['backup', `${name}.backup`, '--store', `sqlite:${name}.db`])
  writeFileSync(path('text'), 'no database, no export, no journal\n')
  mkdirSync(path('folder'))
}

const REFUSED: readonly (readonly [exitCode: number, ...args: readonly string[]])[] = [
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:moved.db'],
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:sound.backup'],
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:damaged.db'],
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:newer.db'],
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:future.db'],
  [6, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:text'],
  [5, 'move', '--to', 'sqlite:out/m.db', '--store', 'sqlite:sound.db', '--ledger', 'none'],
  [2, 'move', '--to', 'memory:', '--store', 'sqlite:sound.db'],
  [6, 'export', 'out/e.jsonl', '--store', 'sqlite:damaged.db'],
  [6, 'export', 'out/e.jsonl', '--store', 'sqlite:future.db'],
  [6, 'export', 'out/e.jsonl', '--store', 'sqlite:text'],
  [5, 'export', 'out/e.jsonl', '--store', 'sqlite:sound.db', '--ledger', 'none'],
  [6, 'archive', 'export', 'out/a.jsonl', '--store', 'sqlite:damaged.db'],
  [5, 'archive', 'export', 'out/a.jsonl', '--store', 'sqlite:sound.db', '--ledger', 'none'],
  [6, 'backup', 'out/b.db', '--store', 'sqlite:sound.backup'],
  [6, 'backup', 'out/b.db', '--store', 'sqlite:future.db'],
  [6, 'backup', 'out/b.db', '--store', 'sqlite:text'],
  [6, 'restore', 'moved.backup', '--store', 'sqlite:out/deep/r.db'],
  [6, 'restore', 'text', '--store', 'sqlite:out/deep/r.db'],
  [2, 'restore', 'sound.db', '--store', 'sqlite:out/deep/r.db'],
  [6, 'import', 'dos-journal', 'text', '--store', 'sqlite:out/i.db'],
  [2, 'import', 'dos-journal', 'folder', '--store', 'sqlite:out/i.db'],
  [6, 'import', 'holdfast', 'text', '--store', 'sqlite:out/i.db'],
  [2, 'import', 'holdfast', 'folder', '--store', 'sqlite:out/i.db'],
]

test('a command that is refused because of its source leaves nothing at its target', async () => {
  const holdfast = new Holdfast()
  await badSources(holdfast)
  mkdirSync(holdfast.path('out'))
  for (const [exitCode, ...args] of REFUSED) {
    const told = await holdfast.call(args)
    const left = readdirSync(holdfast.path('out'), { recursive: true })
    expect([args.join(' '), told.exitCode, told.stderr, left]).toEqual([
      args.join(' '),
      exitCode,
      expect.any(String),
      [],
    ])
  }
})

test('a move that cannot read its source to the end does not close it', async () => {
  const holdfast = new Holdfast()
  await makeDamaged(holdfast.path('damaged.db'))
  const store = ['--store', 'sqlite:damaged.db']
  expect((await holdfast.ask('move', '--to', 'sqlite:m.db', ...store)).exitCode).toBe(6)
  expect((await holdfast.ask('acquire', 'api', '--holder', 'A', ...store)).exitCode).toBe(0)
  // Whoever has opened the new place already is kept from it as well.
  await using ledger = await openLeanLedger(`sqlite:${holdfast.path('damaged.db')}`)
  await using target = await openStore(`sqlite:${holdfast.path('m.db')}`)
  await expect(moveLedger(ledger, target)).rejects.toMatchObject({ code: 'corrupt' })
  expect((await ledger.acquire({ lane: 'web', holder: 'A' })).outcome).toBe('granted')
})

test('asking whether a ledger can be moved writes nothing, and an earlier run is no obstacle', async () => {
  const holdfast = new Holdfast()
  await make(holdfast.path('l.db'))
  await using ledger = await openLeanLedger(`sqlite:${holdfast.path('l.db')}`)
  const { head } = await ledger.refresh()
  const url = `sqlite:${holdfast.path('m.db')}`
  await checkMovable(ledger, url)
  expect((await ledger.refresh()).head).toBe(head)
  await using target = await openStore(url)
  await moveLedger(ledger, target)
  await checkMovable(ledger, target.url)
  await expect(checkMovable(ledger, `${url}.other`)).rejects.toMatchObject({ code: 'moved' })
})

test('a place that a link leads to is the same one when the move is repeated', async () => {
  const holdfast = new Holdfast()
  await make(holdfast.path('l.db'))
  mkdirSync(holdfast.path('real'))
  symlinkSync('real', holdfast.path('link'))
  const url = `sqlite:${holdfast.path('link', 'deep', 'm.db')}`
  const before = await storeUrlOf(url)
  const move = () => holdfast.ask('move', '--to', 'sqlite:link/deep/m.db', '--store', 'sqlite:l.db')
  const first = await move()
  expect([first.exitCode, field(first.answer, 'movedTo')]).toEqual([0, before])
  expect(await storeUrlOf(url)).toBe(before)
  const again = await move()
  expect([again.exitCode, field(again.answer, 'copied')]).toEqual([0, 0])
})

/** Times that an interruption may come too late: the machine may have others to serve. */
const ATTEMPTS = 8

test.each([
  ['an export', ['export', 'out/e.jsonl', '--store', 'sqlite:l.db']],
  ['a backup', ['backup', 'out/b.db', '--store', 'sqlite:l.db']],
  ['a restore', ['restore', 'l.bak', '--store', 'sqlite:out/r.db']],
])('%s that is interrupted leaves nothing', async (_what, command) => {
  const holdfast = new Holdfast()
  await make(holdfast.path('l.db'), ledger => appendBeats(ledger, 50_000))
  expect((await holdfast.ask('backup', 'l.bak', '--store', 'sqlite:l.db')).exitCode).toBe(0)
  const out = holdfast.path('out')
  let exitCode: number | null = null
  for (let attempt = 0; exitCode !== 130 && attempt < ATTEMPTS; attempt += 1) {
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out)
    const { child, ended } = holdfast.start(command)
    await vi.waitUntil(() => readdirSync(out).length > 0, { timeout: 20_000, interval: 2 })
    child.kill('SIGINT')
    const told = await ended
    exitCode = told.exitCode
    expect(told).toMatchObject({ signal: null, stderr: '', ...(exitCode === 0 ? {} : { exitCode: 130, stdout: '' }) })
    expect(readdirSync(out).length === 0).toBe(exitCode === 130)
  }
  expect(exitCode).toBe(130)
})
