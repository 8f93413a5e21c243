import type { LogEntry, Revision } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { SHORT } from './fixture-factory.ts'
import { bareClient, beat, beats, checkpoint, LEDGER, readAll, STREAM } from './harness.ts'

const ARCHIVE = 'holdfast.archive-default'

let fixture: EsdbFixture
beforeEach(async () => {
  fixture = await EsdbFixture.start()
})
afterEach(() => fixture.close())

const open = (options = {}) =>
  openEventStoreDbStore({ url: fixture.url(), ...SHORT, callDeadlineMs: 3_000, ...options })

async function withCheckpoints(store: LogStore): Promise<Revision> {
  let at = await last(store, 'none', [checkpoint(), ...beats(600)])
  at = await last(store, at, [checkpoint({ throughRevision: at }), ...beats(3)])
  const cut = await last(store, at, [checkpoint({ throughRevision: at })])
  await last(store, cut, [beat('after')])
  return cut
}

async function last(
  store: LogStore,
  expected: Parameters<LogStore['append']>[1],
  events: Parameters<LogStore['append']>[2],
) {
  const result = await store.append(LEDGER, expected, events)
  if (result.outcome !== 'appended') throw new Error('a conflict')
  return result.last
}

async function history(store: LogStore): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.readArchive(LEDGER)) entries.push(...batch)
  return [...entries, ...(await readAll(store))]
}

describe('compaction', () => {
  it('cut off between any two of its writes, loses nothing, and is finished by the next one', async () => {
    for (let cutAfter = 0; cutAfter <= 4; cutAfter += 1) {
      await fixture.close()
      fixture = await EsdbFixture.start()
      await using patient = await open()
      const cut = await withCheckpoints(patient)
      const whole = await readAll(patient)
      await using store = await open({ patienceMs: 60 })
      let left = cutAfter
      const stop = fixture.log.onEvent(() => {
        left -= 1
        if (left <= 0) void fixture.line().refuse()
      })
      if (cutAfter === 0) await fixture.line().refuse()
      const interrupted = await store.compact(LEDGER, cut).then(
        () => 'done',
        () => 'interrupted',
      )
      stop()
      if (cutAfter < 4) expect(interrupted).toBe('interrupted')
      await fixture.line().refuse()
      await fixture.line().listen()
      await using other = await open()
      expect(await history(other)).toEqual(whole)
      expect((await other.compact(LEDGER, cut)).eventsAfter).toBe(2)
      expect(await history(other)).toEqual(whole)
      expect((await readAll(other))[0]?.revision).toBe(cut)
      expect((await other.check(LEDGER)).filter(({ ok }) => !ok)).toEqual([])
    }
  })

  it('never shows again what was hidden, though somebody cuts further at the same time', async () => {
    await using store = await open()
    const cut = await withCheckpoints(store)
    const further = await last(store, (cut + 1) as Revision, [checkpoint({ throughRevision: cut + 1 })])
    await using other = await open()
    await Promise.all([store.compact(LEDGER, cut), other.compact(LEDGER, further)])
    expect((await bareClient(fixture.url()).getStreamMetadata(STREAM)).metadata).toEqual({ truncateBefore: further })
    expect(await history(store)).toHaveLength(further + 1)
  })

  it('keeps what else the stream’s metadata says', async () => {
    await using store = await open()
    const cut = await withCheckpoints(store)
    const bare = bareClient(fixture.url())
    await bare.setStreamMetadata(STREAM, { acl: { readRoles: ['$all'] }, owner: 'ops' })
    await store.compact(LEDGER, cut)
    expect((await bare.getStreamMetadata(STREAM)).metadata).toEqual({
      acl: { readRoles: ['$all'] },
      owner: 'ops',
      truncateBefore: cut,
    })
  })

  it('a piece of the archive that was exchanged is corrupt, and the check says so', async () => {
    await using store = await open()
    const cut = await withCheckpoints(store)
    await store.compact(LEDGER, cut)
    const chunk = fixture.log.visible(ARCHIVE, Infinity)[0]
    if (typeof chunk !== 'object') throw new Error('no archive')
    const text = Buffer.from(chunk.data)
      .toString()
      .replace(/"sha256":"../, '"sha256":"zz')
    Object.assign(chunk, { data: Buffer.from(text) })
    await using other = await open()
    await expect(history(other)).rejects.toMatchObject({ code: 'corrupt', detail: 'archive' })
    expect((await other.check(LEDGER)).find(({ name }) => name === 'archive')).toMatchObject({ ok: false })
  })

  it('goes on after all of the archive was dropped', async () => {
    await using store = await open()
    const cut = await withCheckpoints(store)
    await store.compact(LEDGER, cut)
    const future = (Date.now() + 1_000_000) as Parameters<LogStore['dropArchive']>[1]
    expect((await store.dropArchive(LEDGER, future)).held).toBeNull()
    const further = await last(store, (cut + 1) as Revision, [checkpoint({ throughRevision: cut + 1 })])
    await store.compact(LEDGER, further)
    const { held, dropped } = await store.archive(LEDGER)
    expect([dropped?.from, dropped?.to, dropped?.events]).toEqual([0, cut - 1, cut])
    expect([held?.from, held?.to, held?.events]).toEqual([cut, further - 1, further - cut])
    expect((await history(store)).map(entry => Number(entry.revision))).toEqual([cut, cut + 1, further])
  })
})
