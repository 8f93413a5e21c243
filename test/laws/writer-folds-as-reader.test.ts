import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, snapshotState, type LedgerState, type ProcessIdentity } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { loadLedger } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'

// On EventStoreDB, where a server gives the times: test/eventstoredb/recorded-times.test.ts.

const CONFIG = Configuration.parse({ ttlDefaultMs: 900, graceMs: 300, ticketTtlMs: 600, refusalWindowMs: 200 })

/** What a caller may write beside the fields of an identity; the object stays in the caller's hands. */
const extras = () => fc.constantFrom<unknown>(undefined, 1, 'x', -0, { deep: { is: 1 } }, [{ deep: 1 }], new Date(0))

const command = fc.record({
  does: fc.constantFrom(
    ...(['acquire', 'acquire', 'wait', 'beat', 'release', 'adopt', 'scavenge', 'halt', 'spawn', 'checkpoint'] as const),
  ),
  lane: fc.constantFrom('a', 'b'),
  holder: fc.constantFrom('H', 'I'),
  region: fc.constantFrom([], ['src/**']),
  force: fc.boolean(),
  token: fc.nat({ max: 12 }),
  extra: extras(),
  metadata: fc.constantFrom(undefined, { n: -0 }, { deep: { a: [1, null] } }),
})
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** Commands that are given at once and share appends, by one of two writers of one log. */
const rounds = fc.array(
  fc.record({
    who: fc.nat({ max: 1 }),
    commands: fc.array(command, { minLength: 1, maxLength: 5 }),
    passMs: fc.constantFrom(0, 100, 1300),
  }),
  { minLength: 1, maxLength: 6 },
)

const stated = (state: LedgerState): string => JSON.stringify(snapshotState(state))

const PROCESS = { host: 'h', bootId: 'b', pidNamespace: 'n', pid: 3, processStart: '1' }

function give(ledger: Ledger, one: Command, given: object[]): Promise<unknown> {
  const { lane, holder, token, region, force, metadata } = one
  const process: ProcessIdentity = { ...PROCESS, extra: one.extra }
  if (typeof one.extra === 'object' && one.extra !== null) given.push(one.extra)
  switch (one.does) {
    case 'acquire':
      return ledger.acquire({ lane, holder, region, process, children: force ? [process] : undefined, runId: 'run' })
    case 'wait':
      return ledger.acquire({ lane, holder, region }, { wait: 0 })
    case 'beat':
      return ledger.heartbeat({ lane, holder, token, metadata, exit: force ? { code: 0, signal: null } : undefined })
    case 'release':
      return ledger.release({ lane, holder, token })
    case 'adopt':
      return ledger.adopt({ lane, newHolder: holder, expectToken: token, force, process })
    case 'scavenge':
      return ledger.scavenge({ lane, token, force })
    case 'halt':
      return ledger.halt({ handle: 'stop', lane })
    case 'spawn':
      return ledger.spawn({ lane, holder, process })
    case 'checkpoint':
      return ledger.checkpoint({ reason: 'x' })
  }
}

it.each(['memory', 'sqlite'])('after every commit on %s a writer has the state that a reader has', async kind => {
  await fc.assert(
    fc.asyncProperty(rounds, async script => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-fold-'))
      const time = new VirtualTime()
      const log = new MemoryLog(time.wall)
      const options = { path: join(folder, 'l.db'), clock: time.wall, bootClock: time.boot }
      const open = async (): Promise<LogStore> =>
        kind === 'memory' ? openMemoryStore({ log }) : openSqliteStore(options)
      const on = { config: CONFIG, bootClock: time.boot, timers: time.timers, actor: null }
      const ledgers = [await openLedgerOn(await open(), on), await openLedgerOn(await open(), on)]
      const reader = await open()
      try {
        for (const { who, commands, passMs } of script) {
          const ledger = ledgers[who]
          if (ledger === undefined) throw new Error('there are two ledgers')
          await time.to(time.nowMs + passMs)
          const given: object[] = []
          await Promise.all(commands.map(one => give(ledger, one, given).catch(() => undefined)))
          const { state } = await loadLedger(reader, ledger.stream)
          if (ledger.state.head === state.head) expect(stated(ledger.state)).toBe(stated(state))
          // What a caller does with its own objects afterwards is nobody's business here.
          const before = stated(ledger.state)
          for (const object of given) Reflect.set(object, 'is', Math.random())
          expect(stated(ledger.state)).toBe(before)
        }
      } finally {
        for (const ledger of ledgers) await ledger.close()
        await reader.close()
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: kind === 'memory' ? 40 : 15 },
  )
})
