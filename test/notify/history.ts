import type { LedgerState, LogEntry, ProcessIdentity, ProcessStatus } from '@holdfast/core'
import { decisionTime } from '@holdfast/core/internal'
import { LedgerFold } from '@holdfast/projections'
import { lookAtLiveness } from '@holdfast/projections/internal'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import * as fc from 'fast-check'
import type { Sight } from '../../packages/server/src/notify/conditions.ts'
import { Scribe, STREAM } from '../projections/scribe.ts'
import { VirtualTime } from '../setup/virtual-time.ts'

export const SETTINGS = { graceMs: 5_000, spinMs: 15_000, progressWindowMs: 30_000, haltOverdueMs: 5_000 }

export const CONFIG = { ttlDefaultMs: 20_000, graceMs: 5_000, ticketTtlMs: 20_000, refusalWindowMs: 5_000 }

/** What happens around a ledger, and to the server that watches it. */
export const move = fc.record({
  does: fc.constantFrom(
    ...([
      'acquire',
      'acquire',
      'wait',
      'withdraw',
      'beat',
      'beat',
      'beat',
      'release',
      'scavenge',
      'adopt',
      'halt',
    ] as const),
    ...([
      'pass',
      'pass',
      'pass',
      'pass-long',
      'kill',
      'hide',
      'revive',
      'revive',
      'work',
      'idle',
      'unsure',
      'step-on',
      'step-back',
    ] as const),
    ...(['look', 'look', 'look', 'look', 'look', 'look', 'stop', 'crash', 'crash', 'crash-late'] as const),
  ),
  lane: fc.constantFrom('a', 'a', 'a', 'b'),
  holder: fc.constantFrom('H', 'I'),
})
export type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

export const moves = fc.array(move, { minLength: 5, maxLength: 60, size: 'max' })

const PROCESS: ProcessIdentity = { host: 'h', bootId: 'b', pidNamespace: null, pid: 1, processStart: '1' }
const CHILD: ProcessIdentity = { ...PROCESS, pid: 2 }

/** A ledger whose events core has decided, in virtual time, and what could be seen beside it. */
export class World {
  readonly time = new VirtualTime()
  readonly store = openMemoryStore({ log: new MemoryLog(this.time.wall) })
  readonly fold = new LedgerFold()
  process: ProcessStatus = 'alive'
  idle: 'yes' | 'no' | 'unknown' = 'yes'
  #scribe: Scribe | null = null

  static async make(): Promise<World> {
    const world = new World()
    world.#scribe = await Scribe.found(world.store, CONFIG)
    return world
  }

  get log(): readonly LogEntry[] {
    return this.#known.written
  }

  /** What a move does to the ledger and around it. Refusals and blocked commands are part of the history. */
  async move({ does, lane, holder }: Move): Promise<void> {
    const scribe = this.#known
    const held = [...scribe.state.leases.values()].find(lease => lease.lane === lane)
    const claims = [{ lane }]
    switch (does) {
      case 'acquire':
        await scribe.tell({ type: 'acquire', holder, claims, process: PROCESS, children: [CHILD] })
        break
      case 'wait':
        await scribe.tell({
          type: 'acquire',
          holder,
          claims,
          process: PROCESS,
          wait: true,
          requestId: `${holder}-${lane}`,
        })
        break
      case 'withdraw':
        await scribe.tell({ type: 'withdraw', holder, requestId: `${holder}-${lane}` })
        break
      case 'beat':
        if (held !== undefined) await scribe.beat(held)
        break
      case 'release':
        if (held !== undefined) await scribe.release(held)
        break
      case 'scavenge':
        if (held !== undefined) await scribe.tell({ type: 'scavenge', lane, token: held.token, force: holder === 'H' })
        break
      case 'adopt':
        if (held !== undefined) {
          await scribe.tell({ type: 'adopt', lane, newHolder: holder, expectToken: held.token, force: true })
        }
        break
      case 'halt':
        await scribe.tell({ type: 'halt', handle: 'stop', lane })
        break
      case 'pass':
        this.time.advance(6_000)
        break
      case 'pass-long':
        this.time.advance(40_000)
        break
      case 'step-on':
        this.time.wallStepMs += 9_000
        break
      case 'step-back':
        this.time.wallStepMs -= 9_000
        break
      case 'kill':
        this.process = 'dead'
        break
      case 'hide':
        this.process = 'unknown'
        break
      case 'revive':
        this.process = 'alive'
        break
      case 'work':
        this.idle = 'no'
        break
      case 'idle':
        this.idle = 'yes'
        break
      case 'unsure':
        this.idle = 'unknown'
        break
      case 'look':
      case 'stop':
      case 'crash':
      case 'crash-late':
        break
    }
  }

  async sight(state: LedgerState): Promise<Sight> {
    const nowMs = decisionTime(state, await this.store.now(STREAM))
    const probe = ({ pid }: ProcessIdentity): ProcessStatus => (pid === CHILD.pid ? 'alive' : this.process)
    const ports = { probe }
    const { view } = await lookAtLiveness(state, nowMs, { settings: SETTINGS, ports })
    const idle = new Map(view.leases.map(({ leaseId }) => [leaseId as string, this.idle]))
    return { nowMs, leases: view.leases, halts: view.halts, idle }
  }

  get #known(): Scribe {
    if (this.#scribe === null) throw new Error('a world is made')
    return this.#scribe
  }
}
