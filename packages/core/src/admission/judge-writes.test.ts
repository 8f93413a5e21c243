import { describe, expect, it } from 'vitest'
import { decide } from '../decide/decide.ts'
import { parseCommand } from '../decide/parse-command.ts'
import { recordNext } from '../decide/decision.ts'
import type { CommandInput } from '../decide/command.ts'
import { evolve } from '../evolve/evolve.ts'
import { EpochMs, Holder, Token } from '../ids.ts'
import { initialState, type LedgerState } from '../state/ledger-state.ts'
import { judgeWrites } from './judge-writes.ts'

const HOUR = 3_600_000
const ids = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const at = (ms: number) => EpochMs.parse(ms)

class Book {
  state: LedgerState = initialState()
  #commands = 0

  constructor() {
    this.does(0, { type: 'found', ledgerId: ids(999), config: {} })
  }

  does(nowMs: number, input: Record<string, unknown>): void {
    this.#commands += 1
    const parsed = parseCommand({ commandId: ids(this.#commands), ...input } as CommandInput, { caseSensitive: false })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    for (const event of decide(this.state, parsed.command, { nowMs: at(nowMs) }).events) {
      this.state = evolve(this.state, recordNext(this.state, event, { nowMs: at(nowMs) }))
    }
  }

  acquire(lane: string, holder: string, region: string[], more: object = {}): void {
    this.does(0, { type: 'acquire', holder, claims: [{ lane, region, ...more }] })
  }

  judge(holder: string | null, path: string, nowMs = 1, token?: number) {
    const believed = token === undefined ? {} : { token: Token.parse(token) }
    const [verdict] = judgeWrites(this.state, {
      holder: holder === null ? null : Holder.parse(holder),
      paths: [path],
      nowMs,
      ...believed,
    })
    return verdict
  }
}

describe('a write', () => {
  it('inside the own live lease is allowed, inside another one refused, in nobody’s unclaimed', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/api/**'])
    expect(book.judge('A', 'src/api/x.ts')).toMatchObject({ verdict: 'allowed', leaseId: 'api@1' })
    expect(book.judge('B', 'src/api/x.ts')).toMatchObject({
      verdict: 'refused',
      basis: 'held-by-other',
      holder: 'A',
      lane: 'api',
    })
    expect(book.judge('B', 'docs/x.md')).toMatchObject({ verdict: 'unclaimed' })
  })

  it('under an expired lease of one’s own is refused, and so is one into another’s expired lease', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    expect(book.judge('A', 'src/x.ts', HOUR)).toMatchObject({ verdict: 'refused', basis: 'expired' })
    expect(book.judge('B', 'src/x.ts', HOUR)).toMatchObject({ verdict: 'refused', basis: 'held-by-other' })
  })

  it('under a stale token is refused', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    expect(book.judge('A', 'src/x.ts', 1, 1)).toMatchObject({ verdict: 'allowed' })
    expect(book.judge('A', 'src/x.ts', 1, 0)).toMatchObject({ verdict: 'refused', basis: 'stale-token' })
  })

  it('is refused while an older holder may still believe', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    book.does(1, { type: 'adopt', lane: 'api', newHolder: 'B', expectToken: 1, force: true })
    expect(book.judge('B', 'src/x.ts', 2)).toMatchObject({ verdict: 'refused', basis: 'draining', holder: 'A' })
    expect(book.judge('A', 'src/x.ts', 2)).toMatchObject({ verdict: 'refused', basis: 'held-by-other', holder: 'B' })
    book.does(2, { type: 'release', lane: 'api', holder: 'A', token: 1 })
    expect(book.judge('B', 'src/x.ts', 3)).toMatchObject({ verdict: 'allowed' })
  })

  it('into what a forced eviction left draining is refused to everybody else', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    book.does(1, { type: 'scavenge', lane: 'api', token: 1, force: true })
    expect(book.judge('B', 'src/x.ts', 2)).toMatchObject({ verdict: 'refused', basis: 'draining' })
    expect(book.judge('B', 'docs/x.md', 2)).toMatchObject({ verdict: 'unclaimed' })
  })

  it('by one reader among several is refused: a shared lease only keeps writers out', () => {
    const book = new Book()
    book.acquire('a', 'A', ['src/**'], { mode: 'shared' })
    expect(book.judge('A', 'src/x.ts')).toMatchObject({ verdict: 'allowed' })
    book.acquire('b', 'B', ['src/**'], { mode: 'shared' })
    expect(book.judge('A', 'src/x.ts')).toMatchObject({ verdict: 'refused', holder: 'B' })
  })

  it('by somebody whom nobody names is refused inside every claim, and unclaimed beside', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    expect(book.judge(null, 'src/x.ts')).toMatchObject({ verdict: 'refused', basis: 'held-by-other', holder: 'A' })
    expect(book.judge(null, 'docs/x.md')).toMatchObject({ verdict: 'unclaimed' })
  })

  it('beside what is leased, under the same folder, is unclaimed', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/*.ts'])
    expect(book.judge('B', 'src/x.md')).toMatchObject({ verdict: 'unclaimed' })
  })

  it('finds a path whose name looks like a glob', () => {
    const book = new Book()
    book.acquire('api', 'A', ['app/**'])
    for (const path of ['app/[slug]/page.tsx', 'app/(shop)/x.ts', 'app/{a,b', 'app/a*b']) {
      expect(book.judge('B', path)).toMatchObject({ verdict: 'refused', basis: 'held-by-other' })
    }
  })
})

describe('the grace of a lease', () => {
  const TTL = 90_000
  const GRACE = 30_000

  it('is no time of its holder: his writes are refused until a beat brings the lease back', () => {
    const book = new Book()
    book.acquire('api', 'A', ['src/**'])
    expect(book.judge('A', 'src/x.ts', TTL - 1)).toMatchObject({ verdict: 'allowed' })
    for (const nowMs of [TTL, TTL + GRACE - 1]) {
      expect(book.judge('A', 'src/x.ts', nowMs)).toMatchObject({ basis: 'in-grace', untilMs: TTL + GRACE, token: 1 })
      expect(book.judge('A', 'src/x.ts', nowMs, 1)).toMatchObject({ basis: 'in-grace' })
      expect(book.judge('A', 'src/x.ts', nowMs, 7)).toMatchObject({ basis: 'stale-token' })
      expect(book.judge('B', 'src/x.ts', nowMs)).toMatchObject({ basis: 'held-by-other' })
    }
    expect(book.judge('A', 'src/x.ts', TTL + GRACE)).toMatchObject({ basis: 'expired' })
    book.does(TTL + 1, { type: 'heartbeat', lane: 'api', holder: 'A', token: 1 })
    expect(book.judge('A', 'src/x.ts', TTL + 2)).toMatchObject({ verdict: 'allowed' })
  })

  it('says of two leases the one that a beat brings back', () => {
    const book = new Book()
    book.does(0, {
      type: 'acquire',
      holder: 'A',
      claims: [{ lane: 'r', region: ['src/**'], mode: 'shared' }],
      ttlMs: 1,
    })
    book.acquire('s', 'A', ['src/**'], { mode: 'shared' })
    expect(book.judge('A', 'src/x.ts', TTL)).toMatchObject({ basis: 'in-grace', lane: 's' })
  })
})
