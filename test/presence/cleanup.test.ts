import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PresenceScanner } from '@holdfast/engine'
import type { BeatFiles } from '@holdfast/engine/internal'
import { describe, expect, test } from 'vitest'
import { Office, wrapperText } from './office.ts'

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'

describe('cleanup (presence, feature 5)', () => {
  test('STALE and ORPHAN go, FRESH stays, and all are counted', async () => {
    const office = new Office()
    office.beat(1, 0, 'alive')
    office.beat(2, 0, 'dead')
    office.beat(3, 100_000, 'alive')
    office.beat(4, 5000)
    expect(await office.scanner.cleanup()).toEqual({
      removed: [office.pathOf(2), office.pathOf(3)],
      alreadyGone: [],
      refreshed: [],
      swept: [],
      failed: [],
    })
    expect(office.folder.names).toEqual(['heartbeat-1-u1.json', 'heartbeat-4-u4.json'])
  })

  test('a refresh from the future goes only when its process is dead: a stepped clock explains it as well', async () => {
    const office = new Office()
    office.beat(1, -60_000, 'alive')
    office.beat(2, -60_000, 'unknown')
    office.beat(3, -60_000, 'dead')
    expect((await office.scanner.cleanup()).removed).toEqual([office.pathOf(3)])
  })

  test('a file that resists is named, and the rest goes on', async () => {
    const office = new Office()
    for (const pid of [1, 2, 3]) office.beat(pid, 100_000)
    const cause = Object.assign(new Error('permission denied'), { code: 'EACCES' })
    office.folder.before = (operation, path) => {
      if (operation === 'move' && path === office.pathOf(2)) throw cause
    }
    const { removed, failed } = await office.scanner.cleanup()
    expect(removed).toEqual([office.pathOf(1), office.pathOf(3)])
    expect(failed).toEqual([{ path: office.pathOf(2), cause }])
  })

  test('one that somebody else removed first is counted as gone', async () => {
    const office = new Office()
    office.beat(1, 100_000)
    office.beat(2, 100_000)
    let reads = 0
    office.folder.before = (operation, path) => {
      if (operation === 'read' && path === office.pathOf(1) && (reads += 1) === 2) office.folder.stored.delete(path)
      if (operation === 'move' && path === office.pathOf(2)) office.folder.stored.delete(path)
    }
    expect(await office.scanner.cleanup()).toMatchObject({
      removed: [],
      alreadyGone: [office.pathOf(1), office.pathOf(2)],
      failed: [],
    })
  })

  test('what killed writers and cleanups left is swept; what may be in use stays; a live file comes back', async () => {
    const office = new Office()
    const nowMs = office.time.wall()
    const left = (pid: number, kind: string): string => `/wrappers/.heartbeat-${pid}-u${pid}.json.${UUID}.${kind}`
    office.folder.put(left(1, 'tmp'), '{', nowMs - 90_001)
    office.folder.put(left(2, 'tmp'), '{', nowMs - 90_000)
    office.folder.put(left(3, 'aside'), wrapperText(3, nowMs - 100_000))
    office.folder.put(left(4, 'aside'), wrapperText(4, nowMs))
    office.folder.put('/wrappers/.hidden.tmp', '{', 0)
    const { swept } = await office.scanner.cleanup()
    expect([...swept].sort()).toEqual([left(1, 'tmp'), left(3, 'aside')])
    expect(office.folder.names).toEqual([`.heartbeat-2-u2.json.${UUID}.tmp`, '.hidden.tmp', 'heartbeat-4-u4.json'])
  })

  test('on a real folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-cleanup-'))
    try {
      const put = (name: string, refreshedAtMs: number): void =>
        writeFileSync(join(folder, name), wrapperText(process.pid, refreshedAtMs))
      put(`heartbeat-${process.pid}-old.json`, Date.now() - 100_000)
      put(`heartbeat-${process.pid}-new.json`, Date.now())
      put(`.heartbeat-1-x.json.${UUID}.aside`, Date.now())
      put(`.heartbeat-1-y.json.${UUID}.tmp`, Date.now())
      utimesSync(join(folder, `.heartbeat-1-y.json.${UUID}.tmp`), 0, 0)
      const report = await new PresenceScanner(folder).cleanup()
      expect(report).toMatchObject({ removed: [join(folder, `heartbeat-${process.pid}-old.json`)], failed: [] })
      expect(report.swept).toEqual([join(folder, `.heartbeat-1-y.json.${UUID}.tmp`)])
      expect(readdirSync(folder).sort()).toEqual(['heartbeat-1-x.json', `heartbeat-${process.pid}-new.json`])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Lets a writer refresh the file right before the n-th file operation of a cleanup, for every n: does it survive? */
async function lostAt(alter: (files: BeatFiles) => BeatFiles): Promise<number[]> {
  const lost: number[] = []
  for (let at = 0; at < 12; at += 1) {
    const office = new Office()
    const scanner = new PresenceScanner('/wrappers', {
      files: alter(office.folder),
      probe: () => 'unknown',
      wallMs: office.time.wall,
      boot: office.time.boot,
    })
    office.beat(1, 100_000)
    let operations = 0
    office.folder.before = () => {
      if (operations === at) office.beat(1)
      operations += 1
    }
    const { failed } = await scanner.cleanup()
    if (operations <= at) office.beat(1)
    if (failed.length > 0 || (await office.scanner.freshCount()) !== 1) lost.push(at)
  }
  return lost
}

describe('law: a file that is refreshed during a cleanup survives, at whatever point the refresh comes', () => {
  test('it does', async () => {
    expect(await lostAt(files => files)).toEqual([])
  })

  test('mutant: what was moved aside is removed without another look', async () => {
    const forgetful = (files: BeatFiles): BeatFiles => {
      let first: Awaited<ReturnType<BeatFiles['read']>> | undefined
      return {
        ...bound(files),
        async read(path, bytesMax) {
          if (path.endsWith('.aside') && first !== undefined) return first
          return (first = await files.read(path, bytesMax))
        },
      }
    }
    expect(await lostAt(forgetful)).not.toEqual([])
  })

  test('mutant: the file is unlinked where it lies', async () => {
    const hasty = (files: BeatFiles): BeatFiles => ({
      ...bound(files),
      async move(from) {
        await files.remove(from)
        return true
      },
    })
    expect(await lostAt(hasty)).not.toEqual([])
  })

  test('mutant: a live file is not given back', async () => {
    const keeping = (files: BeatFiles): BeatFiles => ({
      ...bound(files),
      giveBack: async from => void files.remove(from),
    })
    expect(await lostAt(keeping)).not.toEqual([])
  })
})

function bound(files: BeatFiles): BeatFiles {
  return {
    list: directory => files.list(directory),
    read: (path, bytesMax) => files.read(path, bytesMax),
    replace: (path, text, options) => files.replace(path, text, options),
    move: (from, to) => files.move(from, to),
    giveBack: (from, to) => files.giveBack(from, to),
    remove: path => files.remove(path),
  }
}
