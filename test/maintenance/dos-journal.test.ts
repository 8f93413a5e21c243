import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { liveLeases, type Lease } from '@holdfast/core'
import { importDosJournal, type JournalImportOptions } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Bed, granted, historyOf } from './bed.ts'

const text = z.string().nullable()

/** What the lease kernel of the journal's own tool made of it. */
const Vector = z.object({
  input: z.object({ journal: z.array(z.looseObject({ op: z.string() })), startMs: z.int(), nowMs: z.int() }),
  expected: z.object({
    live: z.array(
      z.object({
        lane: z.string(),
        loop_ts: z.string(),
        holder: z.string(),
        host_id: text,
        pid: z.int().nullable(),
        run_id: text,
        tree: z.array(z.string()),
        acquired_at: z.string(),
        heartbeat_at: text,
      }),
    ),
    deltas: z.array(z.object({ lane: z.string(), loop_ts: z.string(), workEvents: z.int(), newestBeatAgeMs: z.int() })),
  }),
})
type Vector = z.infer<typeof Vector>

const VECTORS = readFileSync(join(import.meta.dirname, '../vectors/journals.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => Vector.parse(JSON.parse(line)))

/** Writes a journal, imports it into a store of that kind and opens the ledger that came of it. */
async function imported(bed: Bed, lines: readonly unknown[], options: JournalImportOptions = {}) {
  const file = join(bed.folder, 'journal.jsonl')
  writeFileSync(file, lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  const store = await bed.store()
  const report = await importDosJournal(store, 'default', file, options)
  return { report, ledger: await bed.ledgerOn(store), store }
}

function journalLeaseOf({ leaseId, lane, holder, process, runId, region, acquiredAtMs, lastBeatAtMs }: Lease) {
  return {
    lane,
    loop_ts: leaseId.slice(0, -lane.length - 1),
    holder,
    host_id: process?.host ?? null,
    pid: process?.pid ?? null,
    run_id: runId,
    tree: region,
    acquiredAtMs,
    lastBeatAtMs,
  }
}

function expectedLease({ acquired_at, heartbeat_at, ...lease }: Vector['expected']['live'][number]) {
  return { ...lease, acquiredAtMs: Date.parse(acquired_at), lastBeatAtMs: Date.parse(heartbeat_at ?? acquired_at) }
}

/** An ACQUIRE as such a journal has it, with what a test changes. */
function acquire(lane: string, loopTs: string, changes: Readonly<Record<string, unknown>> = {}) {
  const lease = {
    lane,
    loop_ts: loopTs,
    holder: 'w1',
    host_id: 'h1',
    pid: 7,
    tree: [`${lane}/**`],
    acquired_at: loopTs,
  }
  return { op: 'ACQUIRE', ts: loopTs, lane, loop_ts: loopTs, reason: 'grant', lease: { ...lease, ...changes } }
}

const AT = '2026-09-21T14:00:00Z'

describe.each(['memory', 'sqlite'] as const)('the reference journals, imported into %s', kind => {
  // The folding is the same everywhere; SQLite shows that a real log gives it back.
  const vectors = kind === 'memory' ? VECTORS : VECTORS.slice(0, 8)

  test('give the same live set, in order, and the same deltas', async () => {
    expect(vectors.length).toBeGreaterThanOrEqual(8)
    for (const [index, { input, expected }] of vectors.entries()) {
      await using bed = new Bed(kind)
      const { startMs, nowMs } = input
      const { report, ledger } = await imported(bed, input.journal, { span: { startMs, nowMs } })
      const unknown = input.journal.filter(({ op }) => op === 'FUTURE_OP').length
      expect(report, `vector ${index}`).toMatchObject({
        imported: input.journal.length,
        unrecognised: unknown,
        corrupt: 0,
      })
      const live = liveLeases(await ledger.refresh()).map(journalLeaseOf)
      expect(live, `vector ${index}`).toEqual(expected.live.map(expectedLease))
      const deltas = report.deltas.map(({ loopTs, ...delta }) => ({ ...delta, loop_ts: loopTs }))
      expect(deltas, `vector ${index}`).toEqual(expected.deltas)
    }
  })

  test('stand verification: conflicts in them are findings, and every CHECKPOINT restores', async () => {
    let conflicts = 0
    for (const { input } of vectors.slice(0, 8)) {
      await using bed = new Bed(kind)
      const { store, ledger } = await imported(bed, input.journal)
      const { ok, checks, unrecognised } = await verifyLedger(store, 'default')
      expect(checks.filter(check => !check.ok && check.severity === 'fault')).toEqual([])
      expect({ ok, unrecognised }).toEqual({ ok: true, unrecognised: (await ledger.refresh()).unrecognisedCount })
      conflicts += checks.filter(({ name, ok: holds }) => name === 'imported-conflicts' && !holds).length
    }
    expect(conflicts).toBeGreaterThan(0)
  })
})

describe('an import of a journal', () => {
  test('keeps all that the journal says: its own time, line and fields stand in the origin', async () => {
    await using bed = new Bed('memory')
    const beat = { op: 'HEARTBEAT', ts: AT, lane: 'api', loop_ts: AT, heartbeat_at: AT, seq: 41, odd: { a: 1 } }
    const { store } = await imported(bed, [acquire('api', AT), beat])
    expect((await historyOf(store)).at(-1)).toMatchObject({
      type: 'HEARTBEAT',
      recordedAt: Date.parse(AT),
      actor: null,
      data: { lane: 'api', leaseId: `${AT}/api`, token: null },
      origin: { format: 'dos-journal', line: 2, seq: 41, odd: { a: 1 }, loop_ts: AT, ts: AT },
    })
  })

  test('counts and names what it cannot take, and takes the rest', async () => {
    await using bed = new Bed('memory')
    const lines = [
      acquire('api', AT),
      '{"op":"ACQUIRE","lane":"torn',
      '',
      '[1]',
      { op: '_CORRUPT', raw: 'x' },
      { op: 'RELEASE', ts: AT, loop_ts: AT },
      { op: 'CHECKPOINT', leases: 7 },
      { op: 'ACQUIRE', ts: AT, lane: 'db', loop_ts: AT },
      { op: 'HALT', ts: AT, handle: 'x'.repeat(2000) },
      { op: 'FROB', ts: AT, huge: 'ä'.repeat(300_000) },
      { op: 'FROB', ts: AT, lane: 'api' },
      acquire('odd', `${AT}\u001B[2J`),
    ]
    const { report, ledger, store } = await imported(bed, lines)
    expect(report).toMatchObject({ imported: 2, unrecognised: 1, corrupt: 9 })
    expect(report.faults.map(({ line }) => line)).toEqual([2, 4, 5, 6, 7, 8, 9, 10, 12])
    expect(report.faults.every(({ detail }) => detail !== '')).toBe(true)
    expect(liveLeases(await ledger.refresh()).map(({ lane }) => lane)).toEqual(['api'])
    expect(await historyOf(store)).toHaveLength(3)
    // None of it stops writers.
    expect((await granted(ledger, { lane: 'other', holder: 'A' })).lane).toBe('other')
  })

  test('takes a compacted journal, whose leases have no ACQUIRE: each gets a token of its own', async () => {
    await using bed = new Bed('sqlite')
    const leases = ['a', 'b', 'c'].map(lane => acquire(lane, AT).lease)
    const later = '2026-09-21T14:00:09Z'
    const beat = { op: 'HEARTBEAT', ts: later, lane: 'b', loop_ts: AT }
    const { ledger } = await imported(bed, [{ op: 'CHECKPOINT', leases, seq_watermark: 90 }, acquire('d', later), beat])
    const live = liveLeases(await ledger.refresh())
    expect(live.map(({ lane }) => lane)).toEqual(['a', 'b', 'c', 'd'])
    expect(new Set(live.map(({ token }) => token)).size).toBe(4)
    expect(live.map(({ lastBeatAtMs }) => lastBeatAtMs - Date.parse(AT))).toEqual([0, 9000, 0, 9000])
    const [, b] = live
    expect(await ledger.scavenge({ lane: 'b', token: b?.token ?? 0, force: true })).toMatchObject({
      outcome: 'scavenged',
    })
  })

  test('gives a ledger that goes on: what has expired meanwhile makes room', async () => {
    await using bed = new Bed('sqlite')
    await bed.time.to(bed.time.nowMs + 7_200_000)
    const anHourAgo = new Date(bed.time.nowMs - 3_600_000).toISOString()
    const { ledger } = await imported(bed, [acquire('api', anHourAgo)])
    const asked = { lane: 'api', region: ['api/x.ts'], holder: 'A' }
    // The clock goes on from the journal's newest time until an event of today moves it.
    expect((await ledger.acquire(asked)).outcome).toBe('refused')
    expect((await granted(ledger, asked)).token).toBe(4)
    const types = (await historyOf(ledger.store)).map(({ type }) => type)
    expect(types).toEqual(['CHECKPOINT', 'ACQUIRE', 'REFUSE', 'SCAVENGE', 'ACQUIRE'])
  })

  test('keeps the order of the file where its times go back or are missing', async () => {
    await using bed = new Bed('memory')
    const { ts: _, ...stampless } = acquire('b', AT)
    const { store } = await imported(bed, [acquire('a', AT), acquire('c', '2026-09-21T13:00:00Z'), stampless])
    const times = (await historyOf(store)).map(({ recordedAt }) => recordedAt)
    expect(times).toEqual([AT, AT, AT, AT].map(at => Date.parse(at)))
  })

  test('says how far a journal lies ahead of the clock', async () => {
    await using bed = new Bed('memory')
    const { report } = await imported(bed, [acquire('api', '9000-01-01T00:00:00Z')])
    expect(report.aheadMs).toBeGreaterThan(0)
  })

  test('of no lines is an empty ledger; a file that is no journal is refused, and nothing is written', async () => {
    await using bed = new Bed('memory')
    expect((await imported(bed, [])).report).toMatchObject({ imported: 0, corrupt: 0, deltas: [] })
    const file = join(bed.folder, 'other.txt')
    writeFileSync(file, 'lane,holder\napi,A\n')
    const store = openMemoryStore()
    await expect(importDosJournal(store, 'default', file)).rejects.toMatchObject({ code: 'corrupt' })
    await expect(importDosJournal(store, 'default', `${file}.not`)).rejects.toMatchObject({ code: 'invalid' })
    expect(await store.head('default')).toBe('none')
  })

  test('is refused by a ledger that is not empty', async () => {
    await using bed = new Bed('sqlite')
    const { ledger } = await imported(bed, [acquire('api', AT)])
    await using store = await openSqliteStore({ path: bed.path })
    const file = join(bed.folder, 'journal.jsonl')
    await expect(importDosJournal(store, 'default', file)).rejects.toMatchObject({ code: 'invalid' })
    expect(await ledger.store.head('default')).toBe(1)
  })
})
