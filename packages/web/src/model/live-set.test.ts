import { describe, expect, test } from 'vitest'
import { judgementOf } from './judgement.ts'
import { LiveSet, type Lease, type Verdict } from './live-set.ts'

const NOW = Date.parse('2026-01-01T00:10:00.000Z')

function lease(token: number, more: Partial<Record<keyof Lease, unknown>> = {}): Lease {
  // As much of a lease as is read here.
  return {
    lane: 'a',
    leaseId: 'a@1',
    holder: 'ada',
    token,
    region: [],
    lastBeatAt: '2026-01-01T00:09:30.000Z',
    expiresAt: '2026-01-01T00:12:00.000Z',
    expired: false,
    ...more,
  } as unknown as Lease
}

function verdict(token: number, said = 'ADVANCING'): Verdict {
  // As much of a verdict as is read here.
  return {
    leaseId: 'a@1',
    token,
    verdict: said,
    reason: 'it moves',
    evidence: { commitsSinceStart: 1, workEventsSinceStart: 0, heartbeatAgeMs: 5 },
    process: 'alive',
    children: [],
    activity: null,
    exit: null,
    expiresAt: '2026-01-01T00:12:00.000Z',
  } as unknown as Verdict
}

describe('the live set', () => {
  test('changes are folded into all of it', () => {
    const set = new LiveSet()
    set.take({ kind: 'all', leases: [lease(1), lease(2, { leaseId: 'b@2' })] })
    set.take({ kind: 'changes', changed: [lease(9)], gone: ['b@2'] })
    expect([...set.leases.values()].map(({ leaseId, token }) => [leaseId, token])).toEqual([['a@1', 9]])
  })

  test('what is no item of the stream changes nothing', () => {
    const set = new LiveSet()
    set.take({ kind: 'all', leases: [lease(1)] })
    for (const item of [null, 3, [], { kind: 'other' }, { kind: 'changes', changed: 'x', gone: 4 }]) set.take(item)
    expect(set.leases.size).toBe(1)
  })

  test('a verdict on an earlier holder says nothing about this one', () => {
    const set = new LiveSet()
    set.take({ kind: 'all', leases: [lease(1)] })
    set.judge({ kind: 'verdict', verdict: verdict(1) })
    expect(set.verdictOn(lease(1))?.verdict).toBe('ADVANCING')
    set.take({ kind: 'changes', changed: [lease(9)], gone: [] })
    expect(set.verdictOn(lease(9))).toBeNull()
  })

  test('the verdict goes with its lease', () => {
    const set = new LiveSet()
    set.take({ kind: 'all', leases: [lease(1)] })
    set.judge({ kind: 'verdict', verdict: verdict(1) })
    set.take({ kind: 'changes', changed: [], gone: ['a@1'] })
    expect(set.verdicts.size).toBe(0)
  })
})

describe('a colour shows life only with evidence', () => {
  const live = { nowMs: NOW, sight: 'live' } as const

  test.each([
    ['a fresh verdict', lease(1), verdict(1), live, 'advancing'],
    ['another verdict', lease(1), verdict(1, 'STALLED'), live, 'stalled'],
    ['unknown is a colour of its own', lease(1), verdict(1, 'UNKNOWN'), live, 'unknown'],
    ['who waits for a human', lease(1), verdict(1, 'WAITING'), live, 'waiting'],
    ['no verdict', lease(1), null, live, 'unjudged'],
    ['a broken connection', lease(1), verdict(1), { nowMs: NOW, sight: 'stale' }, 'unjudged'],
    ['the past', lease(1), verdict(1), { nowMs: NOW, sight: 'past' }, 'unjudged'],
    ['expired, as the server says', lease(1, { expired: true }), verdict(1), live, 'expired'],
    ['expired since, as the clock says', lease(1), verdict(1), { nowMs: NOW + 120_000, sight: 'live' }, 'expired'],
    ['expired behind a broken connection', lease(1), verdict(1), { nowMs: NOW + 120_000, sight: 'stale' }, 'expired'],
  ] as const)('%s', (_, held, said, sight, tone) => {
    const judged = judgementOf(held, said, sight)
    expect(judged.tone).toBe(tone)
    expect(judged.evidence.length).toBeGreaterThan(0)
  })
})
