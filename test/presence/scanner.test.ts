import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Heartbeat,
  identify,
  isAlive,
  presence$,
  PresenceError,
  PresenceScanner,
  presenceSink,
  thisProcess,
  type PresenceScan,
} from '@holdfast/engine'
import { encodeBeat, parseBeat, presenceFileName } from '@holdfast/engine/internal'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Office, wrapperText } from './office.ts'

let real = ''
beforeEach(() => {
  real = mkdtempSync(join(tmpdir(), 'holdfast-presence-'))
})
afterEach(() => rmSync(real, { recursive: true, force: true }))

/** A pid that no process has: that of one that has ended and was waited for. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0'])
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('it scans heartbeat-<pid>-<uuid>.json (presence, feature 1)', () => {
  test('the plain format of wrappers is read as it is', async () => {
    const office = new Office()
    office.beat(12_345, 30_000)
    const { entries, freshCount, skipped } = await office.scanner.scan()
    expect(entries).toEqual([
      {
        path: office.pathOf(12_345),
        pid: 12_345,
        uuid: 'u12345',
        lastRefreshMs: office.time.wall() - 30_000,
        ageMs: 30_000,
        process: 'unknown',
        verdict: 'FRESH',
        basis: 'recent',
        reason: 'refreshed 30s ago',
        torn: null,
        format: 'wrapper',
        startedAtMs: 0,
        version: '1.0.0',
      },
    ])
    expect([freshCount, skipped]).toEqual([1, []])
  })

  test('our own format is read, and carries the fields of the plain one for its readers', async () => {
    const sink = presenceSink(real, { uuid: '01HZQ-x', version: '2.0.0', wallMs: () => 5000 })
    await new Heartbeat({ sink, metadata: { role: 'wrapper' } }).beat()
    const scanner = new PresenceScanner(real)
    const { entries } = await scanner.scan()
    expect(entries).toMatchObject([
      { pid: process.pid, uuid: '01HZQ-x', verdict: 'FRESH', process: 'alive', format: 'holdfast', version: '2.0.0' },
    ])
    const path = join(real, presenceFileName({ pid: process.pid, uuid: '01HZQ-x' }))
    expect(sink.name).toBe(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      pid: process.pid,
      uuid: '01HZQ-x',
      started_at: '1970-01-01T00:00:05.000Z',
      last_refresh: new Date(entries[0]?.lastRefreshMs ?? 0).toISOString(),
      wrapper_version: '2.0.0',
      schema_version: 1,
    })
    expect(await isAlive(path)).toMatchObject({ alive: true })
  })

  test('other names are none of its business, and entries come in the order of names', async () => {
    const office = new Office()
    for (const pid of [30, 2, 100]) office.beat(pid)
    office.folder.put('/wrappers/notes.json', '{}')
    office.folder.put('/wrappers/heartbeat-1-u.json.bak', '{}')
    const { entries, skipped } = await office.scanner.scan()
    expect(entries.map(({ pid }) => pid)).toEqual([100, 2, 30])
    expect(skipped).toEqual([])
  })
})

describe('FRESH, STALE, ORPHAN (presence, feature 2)', () => {
  test.each([
    [90_000, 'alive', 'FRESH'],
    [90_000, 'unknown', 'FRESH'],
    [90_000, 'dead', 'ORPHAN'],
    [90_001, 'alive', 'STALE'],
    [90_001, 'dead', 'STALE'],
    [-1, 'alive', 'STALE'],
  ] as const)('a refresh %d ms ago by a process that is %s is %s', async (ageMs, status, verdict) => {
    const office = new Office()
    office.beat(7, ageMs, status)
    expect(await office.verdicts()).toEqual({ 7: verdict })
  })

  test('the threshold is the caller’s', async () => {
    const office = new Office({ stale: '10s' })
    office.beat(7, 10_001)
    expect(await office.verdicts()).toEqual({ 7: 'STALE' })
    expect(() => new PresenceScanner('/x', { stale: 'soon' })).toThrow(/no duration/)
  })

  test.each([0, -5])('a pid of %d names no process: dead', async pid => {
    const office = new Office()
    office.beat(pid, 0, 'alive')
    expect(await office.verdicts()).toEqual({ [pid]: 'ORPHAN' })
  })

  test('real processes: one that ended is an ORPHAN, a bare pid that runs is not dead', async () => {
    const dead = await endedPid()
    for (const pid of [process.pid, dead]) {
      writeFileSync(join(real, `heartbeat-${pid}-u.json`), wrapperText(pid, Date.now()))
    }
    const { entries } = await new PresenceScanner(real).scan()
    const seen = Object.fromEntries(entries.map(({ pid, process, verdict }) => [pid, [process, verdict]]))
    expect(seen).toEqual({ [process.pid]: ['unknown', 'FRESH'], [dead]: ['dead', 'ORPHAN'] })
  })

  test('a pid that was reused is seen by the start of its process', async () => {
    const self = thisProcess()
    const earlier = { ...self, processStart: '1' }
    const beat = { atMs: Date.now(), pid: self.pid, hostname: self.host, metadata: {} }
    writeFileSync(join(real, `heartbeat-${self.pid}-a.json`), encodeBeat({ ...beat, process: earlier }))
    writeFileSync(join(real, `heartbeat-${self.pid}-b.json`), encodeBeat({ ...beat, process: identify(self.pid) }))
    const { entries } = await new PresenceScanner(real).scan()
    expect(entries.map(({ uuid, verdict }) => [uuid, verdict])).toEqual([
      ['a', 'ORPHAN'],
      ['b', 'FRESH'],
    ])
  })

  test('a process of another host or pid namespace is unknown, and so never an ORPHAN', async () => {
    const dead = await endedPid()
    const self = thisProcess()
    const beat = { atMs: Date.now(), pid: dead, metadata: {} }
    const there = { ...self, pid: dead, host: 'elsewhere' }
    const boxed = { ...self, pid: dead, pidNamespace: 'pid:[1]' }
    writeFileSync(join(real, 'heartbeat-1-a.json'), encodeBeat({ ...beat, hostname: 'elsewhere', process: there }))
    writeFileSync(join(real, 'heartbeat-1-b.json'), encodeBeat({ ...beat, hostname: self.host, process: boxed }))
    writeFileSync(join(real, 'heartbeat-1-c.json'), encodeBeat({ ...beat, hostname: 'elsewhere', process: null }))
    const { entries } = await new PresenceScanner(real).scan()
    expect(entries.map(({ process, verdict }) => [process, verdict])).toEqual(entries.map(() => ['unknown', 'FRESH']))
    expect(entries).toHaveLength(3)
  })
})

describe('torn, vanished, missing (presence, feature 3)', () => {
  test.each([
    ['', /JSON/],
    ['{"pid": 77, "uui', /JSON/],
    ['[]', /no JSON object/],
    ['{"pid": "77", "uuid": "x", "last_refresh": "1970-01-01T00:00:00Z"}', /pid/],
    ['{"pid": 77, "uuid": 5, "last_refresh": "1970-01-01T00:00:00Z"}', /uuid/],
    ['{"pid": 77, "uuid": "x", "last_refresh": "1970-02-31T00:00:00Z"}', /last_refresh/],
    ['{"schema": "holdfast.beat/9"}', /upgrade/],
  ])('%j: pid and uuid come from the name, the refresh from the time of the file', async (text, torn) => {
    const office = new Office()
    const modifiedAtMs = office.time.wall() - 5000
    office.folder.put('/wrappers/heartbeat-4242-aa-bb-cc.json', text, modifiedAtMs)
    const { entries } = await office.scanner.scan()
    expect(entries).toMatchObject([
      { pid: 4242, uuid: 'aa-bb-cc', lastRefreshMs: modifiedAtMs, ageMs: 5000, verdict: 'FRESH', format: null },
    ])
    expect(entries[0]?.torn).toMatch(torn)
  })

  test('a torn file on disk goes STALE by its own time', async () => {
    const path = join(real, `heartbeat-${process.pid}-u.json`)
    writeFileSync(path, '{"pid": 1')
    const scanner = new PresenceScanner(real)
    expect((await scanner.scan()).entries[0]?.verdict).toBe('FRESH')
    utimesSync(path, new Date(), new Date(Date.now() - 100_000))
    expect((await scanner.scan()).entries[0]?.verdict).toBe('STALE')
  })

  test('a torn file whose name tells no pid is skipped, with the reason', async () => {
    const office = new Office()
    office.folder.put('/wrappers/heartbeat-x.json', '{')
    const { entries, skipped } = await office.scanner.scan()
    expect(entries).toEqual([])
    expect(skipped.map(({ name }) => name)).toEqual(['heartbeat-x.json'])
    expect(skipped[0]?.reason).toContain('its name tells no pid')
  })

  test('folders and pipes of that name are skipped and block nobody', async () => {
    mkdirSync(join(real, 'heartbeat-1-folder.json'))
    execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', join(real, 'heartbeat-1-pipe.json')])
    const { entries, skipped } = await new PresenceScanner(real).scan()
    expect(entries).toEqual([])
    expect(skipped.map(({ name }) => name).sort()).toEqual(['heartbeat-1-folder.json', 'heartbeat-1-pipe.json'])
  })

  test.each([
    ['UTC', 0],
    ['Asia/Tokyo', -540],
  ])('a stamp without a zone is UTC, also in %s', (zone, offset) => {
    vi.stubEnv('TZ', zone)
    try {
      expect(new Date(0).getTimezoneOffset()).toBe(offset)
      const parsed = parseBeat('{"pid":1,"uuid":"u","last_refresh":"2026-05-02T15:14:30"}')
      expect(parsed).toMatchObject({ ok: true, beat: { atMs: Date.UTC(2026, 4, 2, 15, 14, 30) } })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('a file that vanishes during the scan is skipped', async () => {
    const office = new Office()
    office.beat(1)
    office.beat(2)
    office.folder.before = (operation, path) => {
      if (operation === 'read' && path === office.pathOf(1)) office.folder.stored.delete(path)
    }
    expect(await office.scanner.scan()).toMatchObject({ entries: [{ pid: 2 }], skipped: [] })
  })

  test('a missing folder is empty', async () => {
    const scanner = new PresenceScanner(join(real, 'none'))
    expect(await scanner.scan()).toMatchObject({ entries: [], freshCount: 0, skipped: [] })
    expect(await scanner.cleanup()).toMatchObject({ removed: [], failed: [] })
    expect(await scanner.isActive()).toBe(false)
  })

  test('a folder that cannot be listed is an error that says what to do', async () => {
    const file = join(real, 'file')
    writeFileSync(file, '')
    const failed = await new PresenceScanner(file).scan().catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(PresenceError)
    expect(failed).toMatchObject({ code: 'unreadable-folder', cause: { code: 'ENOTDIR' } })
    expect(String(failed)).toContain('name a folder')

    const office = new Office()
    office.folder.before = () => {
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
    }
    await expect(office.scanner.freshCount()).rejects.toMatchObject({ code: 'unreadable-folder' })
  })
})

describe('freshCount, isActive, idleSince (presence, feature 4)', () => {
  test('freshCount counts the FRESH, isActive asks for one', async () => {
    const office = new Office()
    expect([await office.scanner.freshCount(), await office.scanner.isActive()]).toEqual([0, false])
    office.beat(1, 0, 'alive')
    office.beat(2, 0, 'dead')
    office.beat(3, 100_000)
    office.beat(4, 1000)
    expect([await office.scanner.freshCount(), await office.scanner.isActive()]).toEqual([2, true])
  })

  test('the window is a real one: a beat counts for all of it, though its file is gone', async () => {
    const office = new Office()
    office.beat(1)
    expect(await office.scanner.idleSince()).toMatchObject({ verdict: 'active', windowMs: 1_800_000 })
    office.folder.stored.clear()
    await office.time.to(1_800_000)
    expect(await office.scanner.isActive()).toBe(false)
    expect(await office.scanner.idleSince('30m')).toMatchObject({ verdict: 'active', newestBeatAgeMs: 1_800_000 })
    await office.time.to(1_800_001)
    expect(await office.scanner.idleSince('30m')).toMatchObject({ verdict: 'idle', newestBeatAgeMs: 1_800_001 })
    expect(await office.scanner.idleSince('31m')).toMatchObject({ verdict: 'active' })
  })

  test('a STALE file tells of a beat within the window', async () => {
    const office = new Office()
    office.beat(1, 600_000)
    expect(await office.scanner.idleSince('30m')).toMatchObject({ verdict: 'active', newestBeatAgeMs: 600_000 })
    expect(await office.scanner.idleSince('9m')).toMatchObject({ verdict: 'unknown' })
  })

  test('nobody seen is unknown until somebody has watched for a window', async () => {
    const office = new Office()
    expect(await office.scanner.idleSince('1m')).toMatchObject({ verdict: 'unknown', newestBeatAgeMs: null })
    await office.time.to(60_001)
    expect(await office.scanner.idleSince('1m')).toMatchObject({ verdict: 'idle', watchedMs: 60_001 })
  })

  test('a refresh from the future says nothing, and a step of the wall clock moves no window', async () => {
    const office = new Office()
    office.beat(1, -600_000)
    expect(await office.scanner.idleSince('1m')).toMatchObject({ verdict: 'unknown', newestBeatAgeMs: null })
    office.beat(1)
    await office.scanner.scan()
    office.time.wallStepMs = 3_600_000
    expect(await office.scanner.idleSince('1m')).toMatchObject({ verdict: 'active', newestBeatAgeMs: 0 })
  })

  test('presence$ scans at once and once an interval, never two at a time, until nobody listens', async () => {
    const office = new Office()
    office.beat(1)
    let scans = 0
    let inside = 0
    const slow = {
      scan: async (): Promise<PresenceScan> => {
        inside += 1
        expect(inside).toBe(1)
        scans += 1
        await new Promise<void>(resolve => office.time.timers.after(40_000, resolve))
        inside -= 1
        return office.scanner.scan()
      },
    }
    const counts: number[] = []
    const listening = presence$(slow, { timers: office.time.timers }).subscribe(({ freshCount }) => {
      counts.push(freshCount)
    })
    await office.time.to(150_000)
    expect([scans, counts]).toEqual([3, [1, 0]])
    listening.unsubscribe()
    await office.time.to(600_000)
    expect(scans).toBe(3)
  })

  test('presence$ ends with the error of a folder that cannot be listed', async () => {
    const office = new Office()
    office.folder.before = () => {
      throw new Error('permission denied')
    }
    const seen: unknown[] = []
    presence$(office.scanner, { timers: office.time.timers }).subscribe({ error: error => seen.push(error) })
    await office.time.to(100_000)
    expect(seen).toMatchObject([{ code: 'unreadable-folder' }])
  })
})
