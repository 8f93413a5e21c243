import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Revision } from '@holdfast/core'
import { openLedger } from '@holdfast/engine'
import { loadLedger } from '@holdfast/projections'
import { whichLedger } from '@holdfast/engine/which-ledger'
import { StoreError, type LogStore } from '@holdfast/store'
import { isSeenByGit } from '@holdfast/store/internal'
import { filesInTheWay, openSqliteStore } from '@holdfast/store/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hearBeats } from '../engine/harness/hear-beats.ts'
import { Witness } from '../../packages/store/src/sqlite/witness.ts'
import { beat } from './harness/events.ts'

const VICTIM = 'what somebody else has written\n'

let folder: string
let path: string
let victim: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-side-'))
  path = join(folder, 'ledger.db')
  victim = join(folder, 'victim')
  writeFileSync(victim, VICTIM)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What somebody can put in the place of a file. */
const ODD = {
  'a pipe': (place: string) => execFileSync('mkfifo', [place]),
  'a link to a file': (place: string) => symlinkSync(victim, place),
  'a link to nothing': (place: string) => symlinkSync(join(folder, 'nowhere'), place),
  'another name of a file': (place: string) => linkSync(victim, place),
  'a folder': (place: string) => mkdirSync(place),
} as const

/** Everything that touches the files beside a database. */
async function useAll(store: LogStore): Promise<void> {
  await store.append('default', 'any', [beat()])
  const signal = AbortSignal.timeout(20_000)
  const items = store.subscribe('default', 'none', { signal })[Symbol.asyncIterator]()
  await items.next()
  await store.commit('default', 'none', { absorb: () => undefined, decide: () => [beat()] })
  await items.return?.()
  const first = { after: null, from: Revision.parse(0), to: Revision.parse(0) }
  await store.past?.keep('default', 'code', [{ ...first, marks: [new Uint8Array()], state: null }])
}

const files = ['.head', '.notify', '.queue', '.wake', '.snap', '.past'] as const
const kinds = ['a pipe', 'a link to a file', 'a link to nothing', 'a folder'] as const
const cases = files.flatMap(suffix => kinds.map(odd => [suffix, odd] as const)).filter(isOdd)

/** Two of them are folders. */
function isOdd([suffix, odd]: readonly [string, string]): boolean {
  return odd !== 'a folder' || (suffix !== '.wake' && suffix !== '.snap')
}

describe('what lies in the place of a side file costs a little time at most', () => {
  it.each(cases)('%s: %s', async (suffix, odd) => {
    ODD[odd](path + suffix)
    await using store = await openSqliteStore({ path })
    await useAll(store)
    expect(await store.head('default')).toBe(1)
    expect(readFileSync(victim, 'utf8')).toBe(VICTIM)
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
    const [named] = filesInTheWay(path).filter(file => file.path === path + suffix)
    expect(named?.detail).toContain('counts as absent')
    expect(named?.next).toContain(`rm -r -- '${path}${suffix}'`)
  })

  it.each(['', '-journal'])('.past%s: no database is made in an empty file that a link leads to', async suffix => {
    writeFileSync(victim, '')
    symlinkSync(victim, `${path}.past${suffix}`)
    await using store = await openSqliteStore({ path })
    await useAll(store)
    expect(readFileSync(victim, 'utf8')).toBe('')
  })

  it.each(['a pipe', 'a link to a file'] as const)('a file within .wake and .snap: %s', async odd => {
    mkdirSync(`${path}.wake`)
    mkdirSync(`${path}.snap`)
    for (let slot = 0; slot < 128; slot += 1) ODD[odd](join(`${path}.wake`, String(slot)))
    await using ledger = await openLedger(`sqlite:${path}`)
    const lanes = Array.from({ length: 1_200 }, (_, index) => `l${index}`)
    await Promise.all(lanes.map(lane => ledger.acquire({ lane, holder: 'A' })))
    await ledger.close()
    const snapshots = readdirSync(`${path}.snap`).map(name => join(`${path}.snap`, name))
    expect(snapshots).toHaveLength(1)
    for (const name of snapshots) {
      rmSync(name)
      ODD[odd](name)
    }
    await using store = await openSqliteStore({ path })
    const fold = await loadLedger(store, 'default')
    expect(fold.state.leases.size).toBe(1_200)
    expect(readFileSync(victim, 'utf8')).toBe(VICTIM)
    expect(filesInTheWay(path).some(file => dirname(file.path) === `${path}.wake`)).toBe(true)
  })

  it.each(['-wal', '-shm', '-journal'])(
    'SQLite would wait in %s, or write where it leads: the store is not opened',
    async suffix => {
      await (await openSqliteStore({ path })).close()
      for (const odd of ['a pipe', 'a link to a file', 'a link to nothing'] as const) {
        ODD[odd](path + suffix)
        const refused = openSqliteStore({ path })
        await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
        await expect(refused).rejects.toThrow(`${path}${suffix} is a`)
        rmSync(path + suffix)
      }
      expect(readFileSync(victim, 'utf8')).toBe(VICTIM)
      await using store = await openSqliteStore({ path })
      await useAll(store)
    },
  )
})

describe('what lies in the place of what a server announces is named', () => {
  it.each(['a pipe', 'a link to a file', 'a link to nothing'] as const)('%s', async odd => {
    await (await openSqliteStore({ path })).close()
    const folder = `${path}.serve`
    for (const place of [`${path}.past-journal`, folder, join(folder, 'server.json')]) {
      if (place.startsWith(join(folder, '/'))) mkdirSync(folder, { mode: 0o700 })
      ODD[odd](place)
      const [named, ...others] = filesInTheWay(path)
      expect(others).toEqual([])
      expect(named).toMatchObject({ path: place })
      expect(named?.detail).toContain('counts as absent')
      rmSync(place)
    }
    expect(filesInTheWay(path)).toEqual([])
  })
})

describe('another name of a file', () => {
  it.each(files.slice(0, 3))('%s: nothing is written into the other, and the file goes on', async suffix => {
    ODD['another name of a file'](path + suffix)
    {
      await using store = await openSqliteStore({ path })
      await useAll(store)
    }
    expect(readFileSync(victim, 'utf8')).toBe(VICTIM)
    expect(statSync(path + suffix).nlink).toBe(1)
  })

  it('.head is believed all the same: a store that was put back by a backup of hard links is behind it', async () => {
    {
      await using store = await openSqliteStore({ path })
      await store.append('default', 'none', [beat()])
    }
    const old = readFileSync(path)
    {
      await using store = await openSqliteStore({ path })
      await store.append('default', 'any', [beat()])
    }
    linkSync(`${path}.head`, join(folder, 'backup.head'))
    writeFileSync(path, old)
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
  })

  it('of the database: it is not opened by either, for neither sees what is written by the other', async () => {
    await (await openSqliteStore({ path })).close()
    const other = join(folder, 'other.db')
    linkSync(path, other)
    for (const name of [path, other]) {
      const refused = openSqliteStore({ path: name })
      await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
      await expect(refused).rejects.toThrow('has another name')
    }
    rmSync(other)
    // What a process left that was killed while it made the file.
    linkSync(path, `${path}.0b6c1c1e-6f63-4a6b-9a55-1f2a3b4c5d6e.new`)
    await using store = await openSqliteStore({ path })
    await useAll(store)
  })
})

it.skipIf(process.platform !== 'linux')(
  'a second open of a store takes no lock of SQLite away from the first one',
  async () => {
    await using store = await openSqliteStore({ path })
    await useAll(store)
    const locks = () => {
      const { ino } = statSync(path)
      return readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .filter(line => line.includes(` ${process.pid} `) && line.includes(`:${ino} `)).length
    }
    const before = locks()
    expect(before).toBeGreaterThan(0)
    const second = await openSqliteStore({ path })
    expect(locks()).toBe(before)
    await second.close()
    expect(locks()).toBe(before)
    await (await openSqliteStore({ path })).close()
    expect(locks()).toBe(before)
  },
)

describe('a file of SQLite that is removed while it is used', () => {
  it.each(['-wal', '-shm'])('%s: nobody gets an answer from what others do not see', async suffix => {
    await using store = await openSqliteStore({ path })
    await store.append('default', 'none', [beat()])
    rmSync(path + suffix)
    const replaced = { code: 'unavailable', detail: 'replaced' }
    await expect(store.append('default', 'any', [beat()])).rejects.toMatchObject(replaced)
    await expect(store.head('default')).rejects.toMatchObject(replaced)
    await expect(loadLedger(store, 'default')).rejects.toMatchObject(replaced)
  })

  it.each(['', '-wal', '-shm'])(
    'ledger.db%s, between the decision and the answer: the answer is in doubt',
    async suffix => {
      await using store = await openSqliteStore({ path })
      await store.append('default', 'none', [beat()])
      const decide = () => {
        rmSync(path + suffix)
        return [beat()]
      }
      const given = store.commit('default', 'none', { absorb: () => undefined, decide })
      await expect(given).rejects.toMatchObject({ code: 'timeout-unknown-outcome', detail: 'replaced' })
    },
  )

  it('what was acknowledged and is gone with the log is missed by the next process', async () => {
    await (await openSqliteStore({ path })).close()
    const store = await openSqliteStore({ path })
    for (let count = 0; count < 3; count += 1) await store.append('default', 'any', [beat()])
    // Without the log, as another process finds it: in this one SQLite still has the old index.
    const bare = join(folder, 'bare.db')
    for (const suffix of ['', '.head']) copyFileSync(path + suffix, bare + suffix)
    await expect(openSqliteStore({ path: bare })).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
    await store.close()
  })

  it('a lease that is held is lost at its next beat, with the reason', async () => {
    await using ledger = await openLedger(`sqlite:${path}`)
    const held = await ledger.hold({ lane: 'api', holder: 'A', ttl: '2s', beatEvery: '100ms' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    const lost = new Promise(resolve => held.lease.signal.addEventListener('abort', resolve, { once: true }))
    rmSync(`${path}-shm`)
    await lost
    expect(held.lease.signal.reason).toMatchObject({ code: 'store-replaced' })
  })
})

it('beats do not stand in line behind tickets that a stranger keeps fresh until the lease is lost', async () => {
  await using ledger = await openLedger(`sqlite:${path}`)
  const words = new Float64Array(128 * 3)
  const keepFresh = (): void => {
    const [seconds, nanoseconds] = process.hrtime()
    for (let slot = 0; slot < 120; slot += 1) words.set([1, slot + 1, seconds * 1000 + nanoseconds / 1e6], slot * 3)
    writeFileSync(`${path}.queue`, new Uint8Array(words.buffer))
  }
  const timer = setInterval(keepFresh, 20)
  try {
    const held = await ledger.hold({ lane: 'api', holder: 'A', ttl: '1500ms' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    await hearBeats(ledger, held.lease, 4)
    expect(held.lease.signal.aborted).toBe(false)
  } finally {
    clearInterval(timer)
  }
})

it.each(['ledger.db.root', '../.git', '../.git/commondir'])(
  'a pipe in the place of %s is told of, and nobody waits in it',
  name => {
    const tree = join(folder, 'tree')
    mkdirSync(join(tree, '.holdfast'), { recursive: true })
    if (name !== '../.git') {
      mkdirSync(join(tree, '.git', 'objects'), { recursive: true })
      mkdirSync(join(tree, '.git', 'refs'))
      writeFileSync(join(tree, '.git', 'HEAD'), 'ref: refs/heads/main\n')
    }
    writeFileSync(join(tree, '.holdfast', 'ledger.db'), '')
    ODD['a pipe'](join(tree, '.holdfast', name))
    expect(() => whichLedger({ folder: tree, environment: {} })).toThrow(StoreError)
  },
)

it('a pipe in the place of .gitignore ignores nothing, and nobody waits in it', () => {
  mkdirSync(join(folder, '.git'))
  ODD['a pipe'](join(folder, '.gitignore'))
  expect(isSeenByGit(path)).toBe(true)
})

it('the witness tells two writes under one number apart: two processes did not see each other', () => {
  writeFileSync(path, '')
  const write = { seq: 70, streamId: 1, position: 3 }
  const [mine, theirs] = [new Witness(path, 'store'), new Witness(path, 'store')]
  expect(mine.remember({ ...write, hash: 'aa'.repeat(32) })).toBe(true)
  expect(mine.remember({ ...write, hash: 'aa'.repeat(32) })).toBe(true)
  expect(theirs.remember({ ...write, hash: 'bb'.repeat(32) })).toBe(false)
  expect(theirs.remember({ ...write, seq: 134, hash: 'bb'.repeat(32) })).toBe(true)
  mine.close()
  theirs.close()
})
