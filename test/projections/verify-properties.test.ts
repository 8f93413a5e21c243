import { fold, Holder, type LogEntry, type RecordedEvent } from '@holdfast/core'
import { verifyLedger, type Verification } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decided, hostile, mixed } from '../core/harness/histories.ts'
import { runs } from '../core/harness/properties.ts'
import { altered } from './altered-store.ts'
import { STREAM } from './scribe.ts'

/** A store that holds exactly this log, gaps in its revisions and all. */
function holding(log: readonly LogEntry[]): LogStore {
  const isCheckpoint = (entry: LogEntry): entry is RecordedEvent<'CHECKPOINT'> => entry.type === 'CHECKPOINT'
  return altered(openMemoryStore(), {
    async *read(_, { from = -Infinity, limit = Infinity } = {}) {
      yield log.filter(({ revision }) => revision >= from).slice(0, limit)
    },
    latestCheckpoint: () => Promise.resolve(log.findLast(isCheckpoint) ?? null),
    check: () => Promise.resolve([]),
  })
}

const WITHOUT_GAPS = decided({ gaps: false })

const failed = ({ checks }: Verification, severity: 'fault' | 'finding'): string[] =>
  checks.filter(check => !check.ok && check.severity === severity).map(({ name }) => name)

describe('verify', () => {
  test('finds no fault in any history that was decided', async () => {
    await fc.assert(
      fc.asyncProperty(WITHOUT_GAPS, async log => {
        const answer = await verifyLedger(holding(log), STREAM)
        expect(failed(answer, 'fault')).toEqual([])
        expect(answer.ok).toBe(true)
      }),
      runs(200),
    )
  })

  test('always answers, whatever stands in the log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(mixed, hostile), async log => {
        const answer = await verifyLedger(holding(log), STREAM)
        expect(answer.unrecognised).toBe(log.filter(({ type }) => type === 'UNRECOGNISED').length)
      }),
      runs(200),
    )
  })

  test('a RELEASE that is taken out of a log lets the next grant stand over a live lease', async () => {
    await fc.assert(
      fc.asyncProperty(WITHOUT_GAPS, async log => {
        const release = log.findIndex(
          (entry, index) =>
            entry.type === 'RELEASE' && ends(entry, log.slice(0, index)) && grantedAfter(log.slice(index + 1), entry),
        )
        fc.pre(release >= 0 && !log.slice(release).some(({ type }) => type === 'CHECKPOINT'))
        const without = log.filter((_, index) => index !== release)
        expect(failed(await verifyLedger(holding(without), STREAM), 'fault')).toContain('no-double-grant')
      }),
      runs(50),
    )
  })

  test('a log whose entries changed places has lost its order', async () => {
    await fc.assert(
      fc.asyncProperty(WITHOUT_GAPS, fc.nat(), async (log, where) => {
        fc.pre(log.length > 3)
        const at = 1 + (where % (log.length - 2))
        const swapped = log.with(at, log[at + 1] ?? never()).with(at + 1, log[at] ?? never())
        expect(failed(await verifyLedger(holding(swapped), STREAM), 'fault')).toContain('revisions-increase')
      }),
      runs(50),
    )
  })

  test('a snapshot that says something else than the log is a fault', async () => {
    const [log = never()] = fc.sample(
      WITHOUT_GAPS.filter(entries => entries.at(-1)?.type === 'ACQUIRE'),
      1,
    )
    const last = log.at(-1)
    if (last?.type !== 'ACQUIRE') return never()
    const changed = { ...last, data: { ...last.data, holder: Holder.parse('mallory') } }
    const store = holding(log)
    let reads = 0
    const lying = altered(store, {
      async *read(stream, options) {
        reads += 1
        // The first reading is the audit's own; what is folded for queries comes after it.
        if (reads === 1) yield* store.read(stream, options)
        else yield [...log.slice(0, -1), changed]
      },
    })
    expect(failed(await verifyLedger(lying, STREAM), 'fault')).toEqual(['cached-fold'])
  })
})

/** Whether it ends a live lease, and not what a forced end left behind. */
function ends({ data }: RecordedEvent<'RELEASE'>, before: readonly LogEntry[]): boolean {
  return fold(before).leases.get(data.leaseId)?.token === data.token
}

function grantedAfter(after: readonly LogEntry[], { data }: RecordedEvent<'RELEASE'>): boolean {
  const next = after.find(
    entry => entry.type !== 'UNRECOGNISED' && 'lane' in entry.data && entry.data.lane === data.lane,
  )
  return next?.type === 'ACQUIRE' && next.data.mode === 'exclusive'
}

function never(): never {
  throw new Error('this is never reached')
}
