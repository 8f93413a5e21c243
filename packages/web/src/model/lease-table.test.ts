import { describe, expect, test } from 'vitest'
import { contentionOf } from './contention.ts'
import { EVERYTHING, folderOf, queryTable, SORTS, type LeaseRow } from './lease-table.ts'
import type { Tone } from './judgement.ts'
import type { Lease } from './live-set.ts'
import { readEvent } from './log-event.ts'
import { Timeline } from './timeline.ts'

function row(lane: string, holder: string, tone: Tone, region: readonly string[] = []): LeaseRow {
  const lease = { lane, leaseId: `${lane}@1`, holder, region, runId: null, ownedSince: '', expiresAt: '' }
  // As much of a lease as the table reads.
  return { lease: lease as unknown as Lease, tone, waiting: 0 }
}

const rows = [
  row('web', 'ada', 'advancing', ['packages/web/**']),
  row('api', 'bob', 'stalled', ['packages/engine/src/**']),
  row('docs', 'ada', 'spinning', ['docs/**']),
]
const lanesOf = (found: readonly LeaseRow[]) => found.map(({ lease }) => lease.lane)

describe('the table of leases', () => {
  test.each([
    [{}, ['api', 'docs', 'web']],
    [{ descending: true }, ['web', 'docs', 'api']],
    [{ sort: 'verdict' }, ['api', 'docs', 'web']],
    [{ search: 'ADA pack' }, ['web']],
    [{ holder: 'ada' }, ['docs', 'web']],
    [{ tone: 'stalled' }, ['api']],
    [{ folder: 'packages/engine' }, ['api']],
  ] as const)('%j', (asked, expected) => {
    expect(lanesOf(queryTable(rows, { ...EVERYTHING, ...asked }))).toEqual(expected)
  })

  test('whoever waits for a human stands above all others, in every order', () => {
    const all = [...rows, row('m', 'mia', 'waiting')]
    for (const sort of SORTS)
      for (const descending of [false, true])
        expect(lanesOf(queryTable(all, { ...EVERYTHING, sort, descending }))[0]).toBe('m')
  })

  test.each([
    ['packages/web/src/main.ts', 'packages/web'],
    ['packages/*/src/**', 'packages'],
    ['docs/**', 'docs'],
    ['README.md', 'README.md'],
    ['**', '(everywhere)'],
    ['*.md', '(everywhere)'],
  ])('the folder of %s is %s', (glob, folder) => expect(folderOf(glob)).toBe(folder))
})

test('contention says who waited for whom, where, and how long', () => {
  const timeline = new Timeline()
  const take = (revision: number, type: string, atMs: number, data: object): void => {
    const event = readEvent({ revision, type, recordedAt: atMs, eventId: '', data })
    if (event !== null) timeline.take(event)
  }
  const request = { op: 'acquire', holder: 'bob', requestId: 'q', claims: [{ lane: 'b', region: ['src/run/**'] }] }
  const blockers = [{ leaseId: 'a@0', token: 0, holder: 'ada', lane: 'a', witness: 'src/run/x.ts' }]
  take(1, 'REFUSE', 1_000, { request, code: 'region-held', blockers, ticket: { requestId: 'q', ttlMs: 60_000 } })
  take(2, 'ACQUIRE', 6_000, { lane: 'b', leaseId: 'b@2', holder: 'bob', requestId: 'q' })
  take(3, 'REFUSE', 7_000, {
    request: { op: 'acquire', holder: 'eve', claims: [{ lane: 'c' }] },
    code: 'lane-held',
    blockers: [{ leaseId: 'c@0', holder: 'ada' }],
  })
  const found = contentionOf(timeline, 0, { nowMs: 9_000, revision: null })
  expect(found).toMatchObject([
    {
      folder: 'src/run',
      waitedMs: 5_000,
      pairs: [{ waiter: 'bob', blocker: 'ada', refusals: 1, isWaiting: false, revision: 1 }],
    },
    { folder: 'lane c', waitedMs: 0, pairs: [{ waiter: 'eve', blocker: 'ada', refusals: 1, revision: 3 }] },
  ])
  expect(contentionOf(timeline, 0, { nowMs: 3_000, revision: 1 })).toMatchObject([
    { waitedMs: 2_000, pairs: [{ isWaiting: true }] },
  ])
  expect(contentionOf(timeline, 8_000, { nowMs: 9_000, revision: null })).toEqual([])
})
