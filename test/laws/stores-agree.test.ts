import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, type ProcessIdentity } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'

const TREES = [null, { id: 'main', path: '/repo' }, { id: 'worktrees/wt', path: '/wt' }] as const

const CONFIG = Configuration.parse({
  ttlDefaultMs: 900,
  graceMs: 300,
  orphanGraceMs: 300,
  ticketTtlMs: 600,
  refusalWindowMs: 200,
  requestMemoryMs: 2000,
  exclusiveLanes: ['solo'],
  kinds: { scarce: { budget: 1 } },
})

const lane = fc.constantFrom('a', 'b', 'solo')
const holder = fc.constantFrom('H', 'I', 'J')
const region = fc.constantFrom([], ['src/**'], ['src/*.ts'], ['docs', '**/x.ts'])
const who = fc.nat({ max: 1 })
/** Small numbers, so that a token is often a real one, and often a stale one. */
const token = fc.nat({ max: 12 })

const step = fc.oneof(
  fc.record({
    does: fc.constant('acquire' as const),
    who,
    lane,
    holder,
    region,
    mode: fc.constantFrom('exclusive' as const, 'shared' as const),
    kind: fc.constantFrom(undefined, 'scarce'),
    requestId: fc.constantFrom(undefined, 'r1', 'r2'),
    workTree: fc.constantFrom(undefined, ...TREES),
  }),
  fc.record({ does: fc.constant('heartbeat' as const), who, lane, holder, token }),
  fc.record({ does: fc.constant('release' as const), who, lane, holder, token }),
  fc.record({ does: fc.constant('adopt' as const), who, lane, holder, token, force: fc.boolean() }),
  fc.record({ does: fc.constant('scavenge' as const), who, lane, token, force: fc.boolean() }),
  fc.record({ does: fc.constant('halt' as const), who, lane }),
  fc.record({ does: fc.constant('spawn' as const), who, lane, holder }),
  fc.record({ does: fc.constant('configure' as const), who, workTrees: fc.constantFrom('apart', 'together') }),
  fc.record({ does: fc.constant('pass' as const), spanMs: fc.constantFrom(100, 300, 900, 1300) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const ACTORS: readonly ProcessIdentity[] = [1, 2].map(pid => ({
  host: 'h',
  bootId: 'b',
  pidNamespace: 'n',
  pid,
  processStart: '1',
}))

it('the same commands on memory and on SQLite have the same outcomes, and neither grants twice or reuses a token (laws 10, 4 and 5)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
      const inMemory = await play(steps, time => {
        const log = new MemoryLog(time.wall)
        return () => openMemoryStore({ log })
      })
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-agree-'))
      try {
        const inSqlite = await play(steps, time => () => {
          return openSqliteStore({ path: join(folder, 'l.db'), clock: time.wall, bootClock: time.boot })
        })
        expect(inSqlite.outcomes).toEqual(inMemory.outcomes)
        expect(inMemory.faults).toEqual([])
        expect(inSqlite.faults).toEqual([])
      } finally {
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: 60 },
  )
})

/** Two ledger objects on one log take turns, as two processes would. */
async function play(steps: readonly Step[], storesAt: (time: VirtualTime) => () => LogStore | Promise<LogStore>) {
  const time = new VirtualTime()
  const open = storesAt(time)
  const ledgers: Ledger[] = []
  for (const actor of ACTORS) {
    const store = await open()
    ledgers.push(
      await openLedgerOn(store, {
        config: CONFIG,
        actor,
        workTree: TREES[ledgers.length],
        bootClock: time.boot,
        timers: time.timers,
      }),
    )
  }
  const outcomes: unknown[] = []
  for (const one of steps) {
    if (one.does === 'pass') await time.to(time.nowMs + one.spanMs)
    else outcomes.push(await perform(ledgers[one.who], one))
  }
  const [first] = ledgers
  const verdict = first === undefined ? { checks: [] } : await verifyLedger(first.store, first.stream)
  for (const ledger of ledgers) await ledger.close()
  return { outcomes, faults: verdict.checks.filter(({ ok, severity }) => !ok && severity === 'fault') }
}

async function perform(ledger: Ledger | undefined, one: Exclude<Step, { does: 'pass' }>): Promise<unknown> {
  if (ledger === undefined) throw new Error('there are two ledgers')
  switch (one.does) {
    case 'acquire': {
      const { does: _, who: actor, ...request } = one
      return ledger.acquire({ ...request, process: ACTORS[actor] ?? null })
    }
    case 'heartbeat':
      return ledger.heartbeat({ lane: one.lane, holder: one.holder, token: one.token })
    case 'release':
      return ledger.release({ lane: one.lane, holder: one.holder, token: one.token })
    case 'adopt':
      return ledger.adopt({ lane: one.lane, newHolder: one.holder, expectToken: one.token, force: one.force })
    case 'scavenge':
      return ledger.scavenge({ lane: one.lane, token: one.token, force: one.force })
    case 'halt':
      return ledger.halt({ handle: 'stop', lane: one.lane })
    case 'configure':
      return ledger.configure({ ...CONFIG, workTrees: one.workTrees })
    case 'spawn':
      return ledger.spawn({ lane: one.lane, holder: one.holder })
  }
}
