import { DatabaseSync } from 'node:sqlite'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { FailureAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

/** Where SQLite's header keeps the version that an application gives its schema. */
const USER_VERSION_AT = 60

const acquire = (store: string): readonly string[] => ['acquire', 'api', '--holder', 'a', '--store', store]

describe('a file that is not ours ends with 6 and stays as it is, byte for byte', () => {
  it.concurrent('no SQLite database', async () => {
    await untouched(path => writeFileSync(path, 'once upon a time, in a file far away'.repeat(20)))
  })

  it.concurrent("another application's database", async () => {
    await untouched(path => {
      const database = new DatabaseSync(path)
      database.exec('CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES (1)')
      database.close()
    })
  })

  it.concurrent('a newer schema', async () => {
    await untouched(async (path, holdfast) => {
      await holdfast.call(['init', '--store', `sqlite:${path}`])
      const bytes = readFileSync(path)
      bytes.writeUInt32BE(99, USER_VERSION_AT)
      writeFileSync(path, bytes)
    })
  })
})

describe('a store that cannot be used ends with 5', () => {
  it.concurrent('a folder that cannot be made', async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('file'), '')
    const { exitCode, stderr } = await holdfast.call([...acquire('sqlite:file/ledger.db'), '--create'])
    expect(stderr).toContain('cannot be used')
    expect({ exitCode, lines: stderr.trimEnd().split('\n').length }).toEqual({ exitCode: 5, lines: 1 })
  })

  it.concurrent('a database that stays locked past the deadline', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['init', '--store', 'sqlite:ledger.db'])
    const locker = new DatabaseSync(holdfast.path('ledger.db'))
    locker.exec('BEGIN IMMEDIATE')
    const { exitCode, stderr } = await holdfast.call([...acquire('sqlite:ledger.db'), '--json'])
    locker.exec('ROLLBACK')
    locker.close()
    expect(exitCode).toBe(5)
    const told = FailureAnswer.parse(JSON.parse(stderr))
    expect(told.error.code).toBe('unavailable')
    expect(told.error.message).toContain('locked')
  })
})

it.concurrent("a memory store is not served: it would be nobody else's", async () => {
  const { exitCode, stderr } = await new Holdfast().call(['serve', '--store', 'memory:'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('memory store') as string })
})

describe('a question makes nothing', () => {
  it.concurrent('without a store it ends with 5', async () => {
    const holdfast = new Holdfast()
    const { exitCode, stderr } = await holdfast.call(['leases'])
    expect({ exitCode, left: readdirSync(holdfast.folder) }).toEqual({ exitCode: 5, left: [] })
    expect(stderr).toContain('holdfast init')
  })

  it.concurrent('without that ledger it ends with 5', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['init'])
    const { exitCode, stderr } = await holdfast.call(['status', '--ledger', 'other'])
    expect(exitCode).toBe(5)
    expect(stderr).toContain('"other"')
  })
})

describe('the store that is meant', () => {
  it.concurrent('is the nearest one upward; a first use makes one in the working folder', async () => {
    const holdfast = new Holdfast()
    expect((await holdfast.call(['acquire', 'api', '--holder', 'a'])).exitCode).toBe(0)
    const below = holdfast.path('a', 'b')
    mkdirSync(below, { recursive: true })
    const found = await holdfast.call(['leases', '--json'], { cwd: below })
    expect(found.stdout).toContain('api@1')
    expect(readdirSync(holdfast.folder).sort()).toEqual(['.holdfast', 'a'])
  })

  it.concurrent('is the one that HOLDFAST_STORE names, unless --store names another', async () => {
    const holdfast = new Holdfast()
    const env = { HOLDFAST_STORE: 'sqlite:env.db' }
    await holdfast.call(['init'], { env })
    await holdfast.call(['init', '--store', 'sqlite:flag.db'], { env })
    const made = readdirSync(holdfast.folder).filter(name => name.endsWith('.db'))
    expect(made.sort()).toEqual(['env.db', 'flag.db'])
  })
})

describe('an answer that finds no room on its disk', () => {
  it('is said to be lost, and what was done not', { skip: !existsSync('/dev/full') }, async () => {
    const holdfast = new Holdfast()
    const { exitCode, stdout } = await holdfast.bash(
      'holdfast acquire api --holder a --json > /dev/full 2> told; echo "$?"; cat told; holdfast leases --json',
    )
    const [code, told = '', leases = ''] = stdout.trimEnd().split('\n')
    expect({ exitCode, code }).toEqual({ exitCode: 0, code: '1' })
    const { error } = FailureAnswer.parse(JSON.parse(told))
    expect(error.message).toContain('the answer could not be written (ENOSPC')
    expect(error.message).toContain('holdfast log')
    expect(JSON.parse(leases)).toMatchObject({ leases: [{ lane: 'api', holder: 'a' }] })
  })
})

/** Makes a file, calls on it, and holds the folder against what it was. */
async function untouched(make: (path: string, holdfast: Holdfast) => void | Promise<void>): Promise<void> {
  const holdfast = new Holdfast()
  const path = holdfast.path('ledger.db')
  await make(path, holdfast)
  const before = bytesOf(holdfast)
  const { exitCode, stdout, stderr } = await holdfast.call(acquire('sqlite:ledger.db'))
  expect({ exitCode, stdout, lines: stderr.trimEnd().split('\n').length }, stderr).toEqual({
    exitCode: 6,
    stdout: '',
    lines: 1,
  })
  expect(bytesOf(holdfast)).toEqual(before)
}

function bytesOf(holdfast: Holdfast): ReadonlyMap<string, string> {
  const names = readdirSync(holdfast.folder).sort()
  return new Map(names.map(name => [name, readFileSync(holdfast.path(name)).toString('base64')]))
}
