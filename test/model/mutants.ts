import { decide, drainsOver, evolve, fork, type LedgerState, type ProposedEvent } from '@holdfast/core'
import { conflictBetween, drainingAt } from '@holdfast/core/internal'
import type { Does } from './moves.ts'
import { CORE_AS_IT_IS, type Tried } from './world.ts'

/** A blind branch of the state. */
function without(state: LedgerState, forget: (branch: LedgerState) => void): LedgerState {
  const branch = fork(state)
  forget(branch)
  return branch
}

const forgetDrains = (state: LedgerState): LedgerState =>
  without(state, branch => {
    for (const [key] of state.draining.kept(Number.NEGATIVE_INFINITY)) branch.draining.delete(key)
  })

type Deciding = Tried['decide']

/** Decides one type of command on another state than the one that is there. */
const blindFor =
  (type: Parameters<Deciding>[1]['type'], blind: (state: LedgerState) => LedgerState): Deciding =>
  (state, command, around) =>
    decide(command.type === type ? blind(state) : state, command, around)

/** Changes what a decision asks to have written. */
const rewriting =
  (change: (event: ProposedEvent, state: LedgerState) => ProposedEvent): Deciding =>
  (state, command, around) => {
    const decision = decide(state, command, around)
    return { ...decision, events: decision.events.map(event => change(event, state)) }
  }

/** An entry's `untilMs` as the state of a CHECKPOINT holds it. */
function withDrainsUntil(event: ProposedEvent, untilMs: (entry: Drain) => number): ProposedEvent {
  if (event.type !== 'CHECKPOINT' || event.data.state.carrier !== 'inline') return event
  const value = JSON.parse(JSON.stringify(event.data.state.value)) as { draining: [string, Drain][] }
  const draining = value.draining.map(([key, entry]) => {
    const until = untilMs(entry)
    return [key, { ...entry, untilMs: until, keptUntilMs: until }] as const
  })
  return { ...event, data: { ...event.data, state: { carrier: 'inline', value: { ...value, draining } as never } } }
}
interface Drain {
  readonly ledgerWide?: true
  readonly untilMs: number
}

export interface Mutant {
  readonly name: string
  readonly tried: Partial<Tried>
  /** The moves that it takes, where others only keep the search long. */
  readonly only?: readonly Does[]
}

const RESTORING: readonly Does[] = ['acquire', 'acquire', 'beat', 'back-up', 'restore', 'configure', 'release']

/** Bugs that the search must find: the first three are the faults that it was written for, as they were. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'guards look at conflicts alone, and at older tokens',
    tried: {
      drainsOver: (state, lease, nowMs) =>
        [...drainingAt(state, { nowMs })].filter(
          entry =>
            (entry.ledgerWide === true || entry.token < lease.token) &&
            conflictBetween(lease, entry, state.config) !== null,
        ),
    },
  },
  {
    name: 'a lane becomes exclusive without a look at what drains',
    tried: { decide: blindFor('configure', forgetDrains) },
  },
  {
    name: 'a restored ledger drains by the ceilings of the moment',
    only: RESTORING,
    tried: {
      decide: rewriting((event, { config, clockMs }) =>
        event.type === 'CHECKPOINT' && event.data.restored !== undefined
          ? withDrainsUntil(event, ({ ledgerWide, untilMs }) =>
              ledgerWide === true
                ? Math.min(untilMs, clockMs + Math.max(config.ttlCeilingMs, config.activityCapMs) + config.graceMs)
                : untilMs,
            )
          : event,
      ),
    },
  },
  { name: 'admission overlooks what drains', tried: { decide: blindFor('acquire', forgetDrains) } },
  {
    name: 'admission overlooks one lease',
    tried: {
      decide: blindFor('acquire', state =>
        without(state, branch => {
          const [leaseId] = state.leases.keys()
          if (leaseId !== undefined) branch.leases.delete(leaseId)
        }),
      ),
    },
  },
  {
    name: 'an adoption by force leaves nothing draining',
    tried: {
      evolve: (state, entry) =>
        entry.type === 'ADOPT'
          ? evolve(state, { ...entry, data: { ...entry.data, ground: 'process-dead' } })
          : evolve(state, entry),
    },
  },
  {
    name: 'an exit counts as an end that leaves nobody behind',
    only: ['acquire', 'beat', 'scavenge'],
    tried: {
      evolve: (state, entry) =>
        entry.type === 'SCAVENGE' && entry.data.cause === 'exited'
          ? evolve(state, { ...entry, data: { ...entry.data, cause: 'process-dead' } })
          : evolve(state, entry),
    },
  },
  {
    name: 'a plain beat takes back what an activity gave',
    only: ['acquire', 'acquire', 'beat', 'beat', 'beat'],
    tried: {
      evolve: (state, entry) => {
        const after = evolve(state, entry)
        const lease = entry.type === 'HEARTBEAT' ? after.leases.get(entry.data.leaseId) : undefined
        if (lease === undefined || lease.activity !== null) return after
        const safeUntilMs = (lease.lastBeatAtMs + lease.ttlMs) as typeof lease.safeUntilMs
        const expiresAtMs = (safeUntilMs + lease.graceMs) as typeof lease.expiresAtMs
        after.leases.set(lease.leaseId, { ...lease, safeUntilMs, expiresAtMs })
        return after
      },
    },
  },
  {
    name: 'a drain of the whole ledger stands over later leases only',
    only: ['acquire', 'back-up', 'adopt', 'restore', 'beat', 'beat'],
    tried: {
      drainsOver: (state, lease, nowMs, ownClock) =>
        drainsOver(state, lease, nowMs, ownClock).filter(({ token }) => token < lease.token),
    },
  },
  {
    name: 'a budget does not count what drains',
    tried: {
      decide: blindFor('acquire', state =>
        without(state, branch => {
          for (const [key, entry] of state.draining.kept(Number.NEGATIVE_INFINITY)) {
            if (entry.kind !== null) branch.draining.set(key, { ...entry, kind: null }, Number.NEGATIVE_INFINITY)
          }
        }),
      ),
    },
  },
]

export function planted(tried: Partial<Tried>): Tried {
  return { ...CORE_AS_IT_IS, ...tried }
}
