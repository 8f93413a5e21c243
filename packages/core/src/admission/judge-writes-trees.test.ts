import { describe, expect, it } from 'vitest'
import type { CommandInput } from '../decide/command.ts'
import { decide } from '../decide/decide.ts'
import { recordNext } from '../decide/decision.ts'
import { parseCommand } from '../decide/parse-command.ts'
import { evolve } from '../evolve/evolve.ts'
import { EpochMs, Holder } from '../ids.ts'
import { initialState, type LedgerState } from '../state/ledger-state.ts'
import { judgeWrites } from './judge-writes.ts'

const NOW = EpochMs.parse(1)
const MAIN = { id: 'main', path: '/repo' }
const LINKED = { id: 'worktrees/wt', path: '/wt' }
type Tree = typeof MAIN | null

class Book {
  state: LedgerState = initialState()
  #commands = 0

  constructor(workTrees: 'together' | 'apart') {
    this.does({ type: 'found', ledgerId: '00000000-0000-4000-8000-00000000cafe', config: { workTrees } })
  }

  does(input: Record<string, unknown>): void {
    this.#commands += 1
    const commandId = `00000000-0000-4000-8000-${String(this.#commands).padStart(12, '0')}`
    const parsed = parseCommand({ commandId, ...input } as CommandInput, { caseSensitive: false })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    for (const event of decide(this.state, parsed.command, { nowMs: NOW }).events) {
      this.state = evolve(this.state, recordNext(this.state, event, { nowMs: NOW }))
    }
  }

  acquire(lane: string, holder: string, workTree: Tree, mode = 'exclusive'): this {
    this.does({ type: 'acquire', holder, claims: [{ lane, region: ['src/**'], mode }], workTree })
    return this
  }

  scavenge(lane: string, token: number): this {
    this.does({ type: 'scavenge', lane, token, force: true })
    return this
  }

  /** What A is told, whose write is in `workTree`. */
  judge(workTree: Tree | undefined, holder: string | null = 'A') {
    const who = holder === null ? null : Holder.parse(holder)
    const [verdict] = judgeWrites(this.state, { holder: who, paths: ['src/x.ts'], workTree, nowMs: NOW })
    if (verdict === undefined) throw new Error('one verdict for each path')
    return verdict.verdict === 'refused' ? `${verdict.basis} ${verdict.leaseId}` : verdict.verdict
  }
}

const apart = () => new Book('apart')

describe('a write where work trees are apart', () => {
  it('is neither refused nor allowed by a lease of another tree', () => {
    expect(apart().acquire('x', 'B', MAIN).judge(LINKED)).toBe('unclaimed')
    expect(apart().acquire('x', 'A', MAIN).judge(LINKED)).toBe('unclaimed')
    expect(apart().acquire('x', 'B', MAIN).acquire('y', 'A', LINKED).judge(LINKED)).toBe('allowed')
    expect(apart().acquire('x', 'B', MAIN).acquire('y', 'A', LINKED).judge(MAIN)).toBe('held-by-other x@1')
  })

  it('is refused by a lease where either tree is unknown', () => {
    expect(apart().acquire('x', 'B', null).judge(LINKED)).toBe('held-by-other x@1')
    expect(apart().acquire('x', 'B', MAIN).judge(null)).toBe('held-by-other x@1')
    expect(apart().acquire('x', 'B', MAIN).judge(undefined)).toBe('held-by-other x@1')
    expect(apart().acquire('x', 'B', null).judge(null)).toBe('held-by-other x@1')
    expect(apart().acquire('x', 'B', MAIN).judge(MAIN, null)).toBe('held-by-other x@1')
  })

  it('is allowed by an own lease in its tree or in an unknown one, which excludes everybody everywhere', () => {
    for (const tree of [MAIN, null]) expect(apart().acquire('x', 'A', tree).judge(MAIN)).toBe('allowed')
    expect(apart().acquire('x', 'A', null).judge(null)).toBe('allowed')
    expect(apart().acquire('x', 'A', null).acquire('y', 'B', MAIN).judge(MAIN)).toBe('allowed')
  })

  it('in an unknown tree is not allowed by an own lease of a known one, which may protect another tree', () => {
    expect(apart().acquire('x', 'A', MAIN).judge(null)).toBe('unknown-tree x@1')
    expect(apart().acquire('x', 'A', MAIN, 'shared').judge(null)).toBe('unknown-tree x@1')
    // Somebody holds the very path in the tree that it may be in.
    expect(apart().acquire('x', 'A', MAIN).acquire('y', 'B', LINKED).judge(null)).toBe('held-by-other y@2')
  })

  it('is refused by what drains in its tree or in an unknown one, not by what drains elsewhere', () => {
    const drained = (tree: Tree) => apart().acquire('x', 'B', tree).scavenge('x', 1)
    expect(drained(MAIN).judge(MAIN)).toBe('draining x@1')
    expect(drained(null).judge(MAIN)).toBe('draining x@1')
    expect(drained(MAIN).judge(null)).toBe('draining x@1')
    expect(drained(MAIN).judge(LINKED)).toBe('unclaimed')
    expect(drained(MAIN).acquire('y', 'A', LINKED).judge(LINKED)).toBe('allowed')
  })

  it('is refused in every tree while a restored ledger drains', () => {
    const book = apart()
    book.does({ type: 'checkpoint', restored: { force: false } })
    expect(book.judge(LINKED)).toBe('draining **@1')
  })
})

describe('a write where work trees count together', () => {
  it('is judged as if there were one tree, known or not', () => {
    const trees: readonly Tree[] = [MAIN, LINKED, null]
    for (const granted of trees) {
      for (const written of trees) {
        expect(new Book('together').acquire('x', 'A', granted).judge(written)).toBe('allowed')
        expect(new Book('together').acquire('x', 'B', granted).judge(written)).toBe('held-by-other x@1')
        expect(new Book('together').acquire('x', 'B', granted).scavenge('x', 1).judge(written)).toBe('draining x@1')
      }
    }
  })
})
