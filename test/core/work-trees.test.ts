import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { admit, Claim, decide, DEFAULT_CONFIGURATION, drainsOver, isExpired } from '@holdfast/core'
import {
  conflictBetween,
  MERGE_RISKS_MAX,
  WORK_TREE_ID_LENGTH_MAX,
  WORK_TREE_PATH_LENGTH_MAX,
} from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { atMs, LINKED_TREE, MAIN_TREE, nextCommandId, SMALL, type Config } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, commandOf, configure, holderNamed, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { adopted, expectOutcome, granted, refused } from './harness/outcomes.ts'

const APART: Partial<Config> = { workTrees: 'apart' }
const TOGETHER: Config = { ...SMALL, workTrees: 'together' }
const inMain = { region: ['src/**'], workTree: MAIN_TREE }
const inLinked = { region: ['src/api/**'], workTree: LINKED_TREE }
const inUnknown = { region: ['src/api/**'] }

const Side = z.object({
  lane: z.string(),
  region: z.array(z.string()),
  mode: z.enum(['exclusive', 'shared']).default('exclusive'),
  tree: z.string().nullable(),
})
const Vector = z.object({
  input: z.object({ workTrees: z.enum(['together', 'apart']), a: Side, b: Side }),
  expected: z.object({ conflict: z.string().nullable() }),
})
const VECTORS = readFileSync(join(import.meta.dirname, '../vectors/work-trees.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => Vector.parse(JSON.parse(line)))

const claimOf = ({ tree, ...side }: z.infer<typeof Side>) =>
  Claim.parse({ ...side, workTree: tree === null ? null : { id: tree, path: '' } })

describe('vectors of both settings', () => {
  test.each(VECTORS)('$input.workTrees: $input.a and $input.b', ({ input, expected }) => {
    const [a, b] = [claimOf(input.a), claimOf(input.b)]
    const config = { ...DEFAULT_CONFIGURATION, exclusiveLanes: [claimOf({ ...input.a, lane: 'deploy' }).lane] }
    const given = { ...config, workTrees: input.workTrees }
    expect(conflictBetween(a, b, given)?.code ?? null).toBe(expected.conflict)
    expect(conflictBetween(b, a, given)?.code ?? null).toBe(expected.conflict)
    const ledger = new CoreLedger({ config: given })
    const { lane, ...asked } = { ...input.a, workTree: a.workTree ?? null }
    const lease = granted(
      ledger.run(acquire(lane, 'A', { region: asked.region, mode: asked.mode, workTree: asked.workTree })),
    )
    const answer = admit({ claim: b, holder: holderNamed('B'), nowMs: atMs(1), config: given }, [lease])
    expect(answer.admitted ? null : answer.code).toBe(expected.conflict)
  })
})

describe('work trees that count together', () => {
  test('conflict on one path, and the lease says where it was granted', () => {
    const ledger = new CoreLedger()
    expect(granted(ledger.run(acquire('x', 'A', inMain))).workTree).toEqual(MAIN_TREE)
    expect(refused(ledger.run(acquire('y', 'B', inLinked)))).toMatchObject({
      code: 'region-held',
      blockers: [{ leaseId: 'x@1', witness: expect.any(String) as string }],
    })
    expect(ledger.log.at(-1)).toMatchObject({ type: 'REFUSE', data: { request: { workTree: LINKED_TREE } } })
    expect(expectOutcome(ledger.run(acquire('z', 'B', { region: ['docs'] })), 'granted')).toMatchObject({
      lease: { workTree: null },
      mergeRisks: [],
      moreMergeRisks: 0,
    })
  })

  test('the path of a tree is told by its end when it is too long, and its id is bounded', () => {
    const path = `/${'d'.repeat(WORK_TREE_PATH_LENGTH_MAX)}/end`
    const ledger = new CoreLedger()
    const lease = granted(ledger.run(acquire('x', 'A', { workTree: { id: 'main', path } })))
    expect(lease.workTree?.path).toHaveLength(WORK_TREE_PATH_LENGTH_MAX)
    expect(lease.workTree?.path.endsWith('/end')).toBe(true)
    for (const id of ['', 'i'.repeat(WORK_TREE_ID_LENGTH_MAX + 1)]) {
      expect(() => acquire('y', 'A', { workTree: { id, path: '' } })).toThrow('workTree.id')
    }
    // The tree is the request's: claims of one request in several trees would be several requests.
    const claim: object = { lane: 'x', workTree: MAIN_TREE }
    expect(() => acquireAll('one', [claim as { lane: string }], 'A')).toThrow('workTree')
  })
})

describe('work trees that are apart', () => {
  test('a grant names the overlaps in other trees, live and draining, with holder, tree and witness', () => {
    const ledger = new CoreLedger({ config: APART })
    const first = granted(ledger.run(acquire('x', 'A', inMain)))
    expectOutcome(ledger.run(scavenge(first, { force: true })), 'scavenged')
    granted(ledger.run(acquire('r', 'A', { region: ['src/api/x'], workTree: LINKED_TREE, mode: 'shared' })))
    const outcome = expectOutcome(ledger.run(acquire('y', 'B', { ...inLinked, region: ['src/*.ts'] })), 'granted')
    expect(outcome.mergeRisks).toEqual([
      {
        leaseId: 'x@1',
        token: 1,
        lane: 'x',
        holder: 'A',
        workTree: MAIN_TREE,
        witness: expect.stringMatching(/^src\/.*\.ts$/) as string,
      },
    ])
    expect(outcome.moreMergeRisks).toBe(0)
    // Another tree, and three that it will meet: one that drains, a reader and a writer.
    const third = { id: 'worktrees/3', path: '/3' }
    const all = expectOutcome(ledger.run(acquire('z', 'C', { region: ['src/**'], workTree: third })), 'granted')
    expect(all.mergeRisks.map(({ leaseId }) => leaseId)).toEqual(['x@1', 'r@3', 'y@4'])
  })

  test('two readers are no risk', () => {
    const ledger = new CoreLedger({ config: APART })
    granted(ledger.run(acquire('x', 'A', { ...inMain, mode: 'shared' })))
    const outcome = expectOutcome(ledger.run(acquire('y', 'B', { ...inLinked, mode: 'shared' })), 'granted')
    expect(outcome.mergeRisks).toEqual([])
  })

  test('so many risks are named, and the rest is counted', () => {
    const ledger = new CoreLedger({ config: APART })
    for (let tree = 0; tree < MERGE_RISKS_MAX + 3; tree += 1) {
      const workTree = { id: `worktrees/${tree}`, path: '' }
      granted(ledger.run(acquire(`x${tree}`, 'A', { region: ['src/**'], workTree })))
    }
    const outcome = expectOutcome(ledger.run(acquire('y', 'B', inMain)), 'granted')
    expect(outcome.mergeRisks).toHaveLength(MERGE_RISKS_MAX)
    expect(outcome.moreMergeRisks).toBe(3)
  })

  test('a repeated grant tells of the risks of now', () => {
    const ledger = new CoreLedger({ config: APART })
    const command = acquire('x', 'A', { ...inMain, requestId: 'r' })
    expect(expectOutcome(ledger.run(command), 'granted').mergeRisks).toEqual([])
    granted(ledger.run(acquire('y', 'B', inLinked)))
    expect(expectOutcome(ledger.run(command), 'granted')).toMatchObject({
      repeated: true,
      mergeRisks: [{ leaseId: 'y@2' }],
    })
  })

  test('an unknown tree conflicts with every tree, whoever comes first', () => {
    for (const [first, second] of [
      [inMain, inUnknown],
      [inUnknown, inLinked],
      [inUnknown, inUnknown],
    ]) {
      const ledger = new CoreLedger({ config: APART })
      granted(ledger.run(acquire('x', 'A', first)))
      expect(refused(ledger.run(acquire('y', 'B', second))).code).toBe('region-held')
    }
  })

  test('budgets and a ledger that drains after a restore look at no tree', () => {
    const ledger = new CoreLedger({ config: { ...APART, kinds: { big: { budget: 1 } } } })
    granted(ledger.run(acquire('x', 'A', { ...inMain, kind: 'big' })))
    expect(refused(ledger.run(acquire('y', 'B', { ...inLinked, kind: 'big' }))).code).toBe('budget-exhausted')
    expectOutcome(
      ledger.run(commandOf({ type: 'checkpoint', commandId: nextCommandId(), restored: { force: false } })),
      'checkpointed',
    )
    expect(refused(ledger.run(acquire('z', 'C', { region: ['docs'], workTree: LINKED_TREE }))).code).toBe('draining')
  })

  test('an adoption keeps the tree, and the guard of the adopted lease waits for its own tree alone', () => {
    const ledger = new CoreLedger({ config: APART })
    const first = granted(ledger.run(acquire('x', 'A', inMain)))
    const other = granted(ledger.run(acquire('y', 'B', inLinked)))
    const taken = adopted(ledger.run(adopt(first, 'C', { force: true })))
    expect(taken.workTree).toEqual(MAIN_TREE)
    expect(drainsOver(ledger.state, taken, ledger.nowMs)).toHaveLength(1)
    expect(drainsOver(ledger.state, other, ledger.nowMs)).toHaveLength(0)
    // Tokens after the entry's: what comes later in the same tree is held off, in another it is not.
    expect(refused(ledger.run(acquire('z', 'D', { region: ['src/z'], workTree: MAIN_TREE }))).code).toBe('region-held')
    granted(ledger.run(acquire('w', 'D', { region: ['src/w'], workTree: LINKED_TREE })))
    ledger.compact()
    expect([...ledger.state.draining.live(0)].map(([, { workTree }]) => workTree)).toEqual([MAIN_TREE])
  })

  test('those who wait stand in line in their own tree', () => {
    const ledger = new CoreLedger({ config: APART })
    const holding = granted(ledger.run(acquire('x', 'A', inMain)))
    const waits = { requestId: 'r', wait: true, region: ['src/**'] }
    expect(refused(ledger.run(acquire('y', 'B', { ...waits, workTree: MAIN_TREE }))).ticket).toBeDefined()
    granted(ledger.run(acquire('z', 'C', inLinked)))
    ledger.run(release(holding))
    expect(refused(ledger.run(acquire('w', 'D', { region: ['src/w'], workTree: MAIN_TREE }))).code).toBe(
      'queued-behind',
    )
  })
})

describe('bringing trees together', () => {
  const together = () => configure(TOGETHER)

  test('is refused while two live leases would conflict, and names them, their trees and the path', () => {
    const ledger = new CoreLedger({ config: APART })
    granted(ledger.run(acquire('x', 'A', { ...inMain, ttlMs: 20 })))
    const second = granted(ledger.run(acquire('y', 'B', inLinked)))
    const outcome = expectOutcome(ledger.run(together()), 'invalid')
    expect(outcome.faults).toEqual([{ path: 'workTrees', message: expect.any(String) as string }])
    const [{ message } = { message: '' }] = outcome.faults
    for (const part of ['x@1', 'y@2', 'main', 'worktrees/wt', 'src/api', 'release']) expect(message).toContain(part)
    expect(ledger.state.config.workTrees).toBe('apart')
    // Expired is not ended: a late beat would keep it.
    ledger.at(second.expiresAtMs)
    expect(isExpired(second, ledger.nowMs)).toBe(true)
    expectOutcome(ledger.run(together()), 'invalid')
    ledger.run(release(second))
    expectOutcome(ledger.run(together()), 'checkpointed')
    expect(refused(ledger.run(acquire('z', 'C', inLinked))).code).toBe('region-held')
  })

  test('is refused while one is live and the other drains, until the drain is over', () => {
    const ledger = new CoreLedger({ config: APART })
    const first = granted(ledger.run(acquire('x', 'A', inMain)))
    expectOutcome(ledger.run(scavenge(first, { force: true })), 'scavenged')
    granted(ledger.run(acquire('y', 'B', { ...inLinked, ttlMs: 20 })))
    const outcome = expectOutcome(ledger.run(together()), 'invalid')
    expect(outcome.faults[0]?.message).toContain('x@1 (main) drains')
    ledger.at(first.expiresAtMs)
    expectOutcome(ledger.run(together()), 'checkpointed')
  })

  test('goes through where trees differ and nothing meets, and keeping them apart goes through always', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', inMain)))
    granted(ledger.run(acquire('y', 'B', { ...inLinked, region: ['docs'] })))
    for (const workTrees of ['apart', 'together', 'apart', undefined] as const) {
      expectOutcome(ledger.run(configure({ ...SMALL, workTrees })), 'checkpointed')
    }
  })
})

describe('a request from another work tree', () => {
  test('with the id of one that was granted is another request', () => {
    for (const config of [{}, APART]) {
      const ledger = new CoreLedger({ config })
      const asked = { region: ['src/**'], requestId: 'r' }
      granted(ledger.run(acquire('x', 'A', { ...asked, workTree: MAIN_TREE })))
      expect(
        expectOutcome(
          ledger.run(acquire('x', 'A', { ...asked, workTree: { ...MAIN_TREE, path: '/moved' } })),
          'granted',
        ).repeated,
      ).toBe(true)
      for (const workTree of [LINKED_TREE, null]) {
        expect(refused(ledger.run(acquire('x', 'A', { ...asked, workTree }))).code).toBe('request-id-reused')
      }
    }
  })

  test('is served by a grant in an unknown tree, which holds in every tree', () => {
    const ledger = new CoreLedger({ config: APART })
    const first = granted(ledger.run(acquire('x', 'A', { requestId: 'r' })))
    const again = expectOutcome(ledger.run(acquire('x', 'A', { requestId: 'r', workTree: MAIN_TREE })), 'granted')
    expect(again).toMatchObject({ repeated: true, lease: { token: first.token, workTree: null } })
  })

  test('takes a place of its own in the line, and its refusal is one of its own', () => {
    const ledger = new CoreLedger({ config: APART })
    granted(ledger.run(acquire('x', 'A', { region: ['src/**'] })))
    const asks = (workTree: typeof MAIN_TREE | null, more = {}) =>
      refused(ledger.run(acquire('y', 'B', { region: ['src/a'], workTree, ...more })))
    const waits = { requestId: 'r', wait: true }
    const place = asks(MAIN_TREE, waits).ticket?.place
    expect(asks(MAIN_TREE, waits).ticket?.place).toBe(place)
    expect(asks(LINKED_TREE, waits).ticket?.place).toBeGreaterThan(place ?? 0)
    const refusals = [asks(MAIN_TREE), asks(LINKED_TREE), asks(null)]
    expect(new Set(refusals.map(({ refusalId }) => refusalId)).size).toBe(3)
    expect(asks(MAIN_TREE)).toMatchObject({ coalesced: true, refusalId: refusals[0]?.refusalId })
  })
})

test('the members of one request are in one tree: they exclude each other there', () => {
  const ledger = new CoreLedger({ config: APART })
  const both = acquireAll(
    'all',
    [
      { lane: 'x', region: ['src'] },
      { lane: 'y', region: ['src/a'] },
    ],
    'A',
    { workTree: MAIN_TREE },
  )
  expect(refused(ledger.run(both)).code).toBe('self-conflict')
})

test('deciding on a configuration needs no clock of its own', () => {
  const { state } = new CoreLedger({ config: APART })
  expect(decide(state, configure(TOGETHER), { nowMs: atMs(0) })).toMatchObject({ outcome: { outcome: 'checkpointed' } })
})
