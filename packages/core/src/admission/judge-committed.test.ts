import { describe, expect, it } from 'vitest'
import { decide } from '../decide/decide.ts'
import { parseCommand } from '../decide/parse-command.ts'
import { recordNext } from '../decide/decision.ts'
import type { CommandInput } from '../decide/command.ts'
import { evolve } from '../evolve/evolve.ts'
import { EpochMs, Holder } from '../ids.ts'
import { initialState, type LedgerState } from '../state/ledger-state.ts'
import { judgeCommitted } from './judge-committed.ts'

const HOUR = 3_600_000
const ids = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const MAIN = { id: 'main', path: '/r' }
const OTHER = { id: 'worktrees/o', path: '/o' }

class Book {
  state: LedgerState = initialState()
  #commands = 0

  constructor(config: object = {}) {
    this.does(0, { type: 'found', ledgerId: ids(999), config })
  }

  does(nowMs: number, input: Record<string, unknown>): void {
    this.#commands += 1
    const parsed = parseCommand({ commandId: ids(this.#commands), ...input } as CommandInput, { caseSensitive: false })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    const at = EpochMs.parse(nowMs)
    for (const event of decide(this.state, parsed.command, { nowMs: at }).events) {
      this.state = evolve(this.state, recordNext(this.state, event, { nowMs: at }))
    }
  }

  acquire(nowMs: number, holder: string, more: object = {}): void {
    this.does(nowMs, { type: 'acquire', holder, claims: [{ lane: 'api', region: ['src/**'] }], ...more })
  }

  judge(holder: string | null, madeByMs: number, { nowMs = 10_000, path = 'src/x', workTree = MAIN } = {}) {
    const [refusal] = judgeCommitted(this.state, {
      holder: holder === null ? null : Holder.parse(holder),
      workTree,
      changes: [{ path, madeByMs }],
      nowMs,
    })
    return refusal === undefined ? 'passes' : refusal.basis
  }
}

describe('a commit that is published', () => {
  it('passes where it was made before the lease began, and is refused from that instant on', () => {
    const book = new Book()
    book.acquire(5000, 'A')
    expect([4999, 5000, 5001].map(madeByMs => book.judge('B', madeByMs))).toEqual([
      'passes',
      'held-by-other',
      'held-by-other',
    ])
    expect(book.judge('B', 6000, { path: 'docs/x' })).toBe('passes')
    expect(book.judge(null, 6000)).toBe('held-by-other')
  })

  it('of the holder passes, whether the lease is live, in its grace, or over', () => {
    const book = new Book()
    book.acquire(0, 'A')
    for (const nowMs of [1, HOUR + 1, 3 * HOUR]) expect(book.judge('A', 500, { nowMs })).toBe('passes')
  })

  it('is refused while the lease may come back by a late beat, though its time is over', () => {
    const book = new Book()
    book.acquire(0, 'A')
    expect(book.judge('B', 500, { nowMs: 3 * HOUR })).toBe('held-by-other')
  })

  it('counts by the present ownership: one under a lease that was given up and taken again passes if it came before', () => {
    const book = new Book()
    book.acquire(0, 'A')
    const [lease] = [...book.state.leases.values()]
    book.does(2000, { type: 'release', lane: 'api', holder: 'A', token: lease?.token })
    book.acquire(4000, 'C')
    expect(book.judge('A', 1000)).toBe('passes')
    expect(book.judge('A', 4000)).toBe('held-by-other')
  })

  it('is refused while an older holder may still write there, whenever it was made', () => {
    const book = new Book()
    book.acquire(0, 'A')
    const [lease] = [...book.state.leases.values()]
    book.does(2000, { type: 'scavenge', lane: 'api', token: lease?.token, force: true })
    expect(book.state.leases.size).toBe(0)
    expect(book.judge('B', 1, { nowMs: 2001 })).toBe('draining')
    expect(book.judge('A', 1, { nowMs: 2001 })).toBe('passes')
    expect(book.judge('B', 1, { nowMs: 10 * HOUR })).toBe('passes')
  })

  it('is not refused by a lease of another work tree where trees are apart, and is where they are together', () => {
    for (const [workTrees, expected] of [
      ['apart', 'passes'],
      ['together', 'held-by-other'],
    ] as const) {
      const book = new Book({ workTrees })
      book.acquire(0, 'A', { workTree: OTHER })
      expect(book.judge('B', 500)).toBe(expected)
      expect(book.judge('B', 500, { workTree: OTHER })).toBe('held-by-other')
    }
  })
})
