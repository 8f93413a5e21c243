import * as fc from 'fast-check'
import { decide, evolve, fork, Holder, Lane, Token } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { SMALL, TREES } from './harness/alphabet.ts'
import { acquire, adopt, beat, checkpoint, configure, release, scavenge, withdraw } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { BUDGET, EXCLUSIVE_LANE, NaiveModel, same, type NaiveLease, type Want } from './harness/naive-model.ts'
import { expectCaught, runs } from './harness/properties.ts'

// Every command is played on core and on a naive model; outcomes, blockers and the live set must agree at each step.

type Model = { naive: NaiveModel }
type Real = { ledger: CoreLedger }
type Step = fc.Command<Model, Real>

function step(name: string, run: (naive: NaiveModel, ledger: CoreLedger) => void): Step {
  return {
    check: () => true,
    run: ({ naive }, { ledger }) => {
      run(naive, ledger)
      expectSameLive(naive, ledger)
    },
    toString: () => name,
  }
}

function expectSameLive(naive: NaiveModel, { state, nowMs }: CoreLedger): void {
  const live = [...state.leases.values()].map(({ lane, holder, token, expiresAtMs }) => [
    lane,
    holder,
    token,
    expiresAtMs,
  ])
  expect(live.sort(byToken)).toEqual(
    naive.leases.map(({ lane, holder, token, expiresAt }) => [lane, holder, token, expiresAt]).sort(byToken),
  )
  const drains = [...state.draining.live(nowMs)].map(([, { token, untilMs }]) => [token, untilMs])
  expect(drains.sort(byFirst)).toEqual(naive.drains.map(({ token, until }) => [token, until]).sort(byFirst))
  const places = [...state.tickets.live(nowMs)].map(([, { place, untilMs }]) => [place, untilMs])
  expect(places.sort(byFirst)).toEqual(naive.tickets.map(({ place, until }) => [place, until]).sort(byFirst))
}

const byToken = (a: readonly unknown[], b: readonly unknown[]) => Number(a[2]) - Number(b[2])
const byFirst = (a: readonly unknown[], b: readonly unknown[]) => Number(a[0]) - Number(b[0])

interface Ask {
  readonly want: Want
  readonly holder: string
  readonly requestId: string | null
  readonly wait: boolean
  readonly ttl: number
}

function asking(ask: Ask): Step {
  return step(`acquire ${JSON.stringify(ask)}`, (naive, ledger) => {
    const { want, holder, requestId, wait, ttl } = ask
    const { kind, lane, tree, ...options } = { ...want, wait, ttlMs: ttl, ...(requestId === null ? {} : { requestId }) }
    const workTree = TREES.find(each => each?.id === tree) ?? null
    const command = acquire(lane, holder, { ...options, workTree, ...(kind === null ? {} : { kind }) })
    const known = naive.grants.find(grant => grant.holder === holder && grant.requestId === requestId)
    const outcome = ledger.run(command)
    if (known !== undefined) {
      const live = naive.leases.find(({ token }) => token === known.token)
      if (live === undefined || naive.isExpired(live)) return expect(outcome.outcome).toBe('ended')
      if (!same(known.want, want)) return expect(outcome).toMatchObject({ code: 'request-id-reused' })
      return expect(outcome).toMatchObject({ outcome: 'granted', repeated: true, lease: { token: known.token } })
    }
    const { ids, own, evicted, mine } = naive.blockers(want, holder, requestId)
    if (ids.length === 0) {
      if (outcome.outcome !== 'granted') throw new Error(`expected a grant, got ${JSON.stringify(outcome)}`)
      const { leaseId, token } = outcome.lease
      expect(token).toBeGreaterThan(naive.newestToken)
      expect(new Set<number>(outcome.evicted.map(each => each.token))).toEqual(new Set(evicted.map(each => each.token)))
      for (const lease of evicted) naive.ended(lease, false)
      const risks = outcome.mergeRisks.map(each => [each.token, each.workTree.id])
      expect(new Map<number, unknown>(risks.map(([key, id]) => [Number(key), id])).size).toBe(risks.length)
      expect(risks.map(([key]) => Number(key)).sort((a, b) => a - b)).toEqual(
        naive.mergeRisks(want).sort((a, b) => a - b),
      )
      naive.newestToken = token
      return naive.granted(want, holder, requestId, { id: leaseId, token, ttl })
    }
    if (outcome.outcome !== 'refused')
      throw new Error(`expected a refusal by ${ids.join()}, got ${JSON.stringify(outcome)}`)
    expect(
      outcome.blockers.map(({ token, ticket }) => (ticket === undefined ? `t${token}` : `q${ticket}`)).sort(),
    ).toEqual(ids)
    if (!wait || requestId === null || own) return expect(outcome.ticket).toBeUndefined()
    if (outcome.ticket === undefined) throw new Error('expected a place in the line')
    const refreshed = mine === undefined || !same(mine.want, want) || naive.now >= mine.refreshedAt + 5
    expect(outcome.coalesced).toBe(!refreshed)
    if (refreshed) naive.waits(want, holder, requestId, outcome.ticket.place)
    return expect(outcome.ticket.place).toBe(
      mine !== undefined && same(mine.want, want) ? mine.place : ledger.state.head,
    )
  })
}

/** The `which`-th of all tokens that ever were: live or stale. */
function owned(naive: NaiveModel, which: number): { lease: NaiveLease | undefined; lane: string; token: number } {
  const picked = naive.leases[which % (naive.leases.length + 1)]
  const { lane, token } = picked ?? { lane: 'x', token: which }
  return { lane, token, lease: naive.leases.find(lease => lease.lane === lane && lease.token === token) }
}

const held = (lane: string, holder: string, token: number) => ({
  lane: Lane.parse(lane),
  holder: Holder.parse(holder),
  token: Token.parse(token),
})

const wants = fc.record({
  lane: fc.constantFrom('x', 'y', 'z', EXCLUSIVE_LANE),
  region: fc.constantFrom([], ['src/**'], ['src/api'], ['**/*.md'], ['docs/*.md', 'README.md']),
  mode: fc.constantFrom<'exclusive' | 'shared'>('exclusive', 'shared'),
  kind: fc.constantFrom(null, null, 'big' as const),
  tree: fc.constantFrom(...TREES.map(tree => tree?.id ?? null)),
})
const holders = fc.constantFrom('A', 'B', 'C')
const which = fc.nat({ max: 12 })

const allSteps: fc.Arbitrary<Step>[] = [
  fc
    .record({
      want: wants,
      holder: holders,
      requestId: fc.constantFrom(null, 'r', 's'),
      wait: fc.boolean(),
      ttl: fc.integer({ min: 1, max: 12 }),
    })
    .map(asking),
  fc.integer({ min: 1, max: 9 }).map(ms =>
    step(`wait ${ms}`, (naive, ledger) => {
      naive.wait(ms)
      ledger.at(naive.now)
    }),
  ),
  fc.tuple(which, holders, fc.constantFrom(0, 0, 5, 60)).map(([index, stranger, activity]) =>
    step(`beat ${index} ${stranger} ${activity}`, (naive, ledger) => {
      const { lease, lane, token } = owned(naive, index)
      const holder = index % 4 === 0 ? stranger : (lease?.holder ?? stranger)
      const options = activity === 0 ? {} : { activity: { label: 'a', expectedMs: activity } }
      const { outcome } = ledger.run(beat(held(lane, holder, token), options))
      if (lease !== undefined && lease.holder === holder) {
        expect(outcome).toBe('beaten')
        return naive.beaten(lease, Math.min(activity, 40))
      }
      return expect(['not-held', 'stale-token']).toContain(outcome)
    }),
  ),
  fc.tuple(which, holders).map(([index, stranger]) =>
    step(`release ${index} ${stranger}`, (naive, ledger) => {
      const aimed = index % 3 === 0 ? naive.drains[0] : undefined
      const { lease, lane, token } = aimed === undefined ? owned(naive, index) : { ...aimed, lease: undefined }
      const holder = aimed?.holder ?? (index % 4 === 0 ? stranger : (lease?.holder ?? stranger))
      const { outcome } = ledger.run(release(held(lane, holder, token)))
      if (lease !== undefined && lease.holder === holder) {
        expect(outcome).toBe('released')
        return naive.ended(lease, false)
      }
      const drain = naive.drains.find(other => other.lane === lane && other.token === token && other.holder === holder)
      if (drain === undefined) return expect(['not-held', 'stale-token']).toContain(outcome)
      naive.drains = naive.drains.filter(other => other !== drain)
      return expect(outcome).toBe('drained')
    }),
  ),
  fc.tuple(which, holders, fc.boolean()).map(([index, holder, force]) =>
    step(`adopt ${index} ${holder} ${force}`, (naive, ledger) => {
      const { lease, lane, token } = owned(naive, index)
      const outcome = ledger.run(adopt(held(lane, holder, token), holder, { force }))
      if (lease === undefined) return expect(['not-held', 'stale-token']).toContain(outcome.outcome)
      if (!force && !naive.isExpired(lease)) {
        return expect(outcome).toMatchObject({
          code: 'still-held',
          expiresAt: lease.expiresAt,
          earliestRetryAt: lease.expiresAt,
        })
      }
      if (outcome.outcome !== 'adopted') throw new Error(JSON.stringify(outcome))
      expect(outcome.lease.token).toBeGreaterThan(naive.newestToken)
      naive.newestToken = outcome.lease.token
      return naive.adopted(lease, holder, outcome.lease.token)
    }),
  ),
  fc.tuple(which, fc.boolean()).map(([index, force]) =>
    step(`scavenge ${index} ${force}`, (naive, ledger) => {
      const { lease, lane, token } = owned(naive, index)
      const { outcome } = ledger.run(scavenge(held(lane, 'A', token), { force }))
      if (lease === undefined) return expect(['not-held', 'stale-token']).toContain(outcome)
      expect(outcome).toBe(force || naive.isExpired(lease) ? 'scavenged' : 'refused')
      return outcome === 'scavenged' ? naive.ended(lease, true) : undefined
    }),
  ),
  fc.tuple(holders, fc.constantFrom('r', 's')).map(([holder, requestId]) =>
    step(`withdraw ${holder} ${requestId}`, (naive, ledger) => {
      const before = naive.tickets.length
      naive.tickets = naive.tickets.filter(ticket => ticket.holder !== holder || ticket.requestId !== requestId)
      expect(ledger.run(withdraw(holder, requestId))).toEqual({
        outcome: 'withdrawn',
        found: naive.tickets.length < before,
      })
    }),
  ),
  fc.boolean().map(apart =>
    step(`work trees ${apart ? 'apart' : 'together'}`, (naive, ledger) => {
      const { outcome } = ledger.run(configure({ ...SMALL, ...CONFIG, workTrees: apart ? 'apart' : 'together' }))
      if (naive.apart && !apart && naive.isAtOdds) return expect(outcome).toBe('invalid')
      naive.apart = apart
      return expect(outcome).toBe('checkpointed')
    }),
  ),
  fc.constant(step('checkpoint', (_, ledger) => void ledger.run(checkpoint()))),
  fc.constant(step('compact', (_, ledger) => ledger.compact())),
]

const CONFIG = { exclusiveLanes: [EXCLUSIVE_LANE], kinds: { big: { budget: BUDGET } }, orphanGraceMs: 0 }

const agrees = (deciding: Deciding, evolving = evolve) =>
  fc.property(fc.commands(allSteps, { maxCommands: 60, size: 'max' }), fc.boolean(), (script, apart) => {
    const config = { ...CONFIG, workTrees: apart ? 'apart' : 'together' } as const
    fc.modelRun(
      () => ({
        model: { naive: new NaiveModel({ apart }) },
        real: { ledger: new CoreLedger({ config, decide: deciding, evolve: evolving }) },
      }),
      script,
    )
  })

describe('core does what a naive ledger does (laws 4, 5 and 10 on a model)', () => {
  test('any run of commands', () => {
    fc.assert(agrees(decide), runs(250))
  })

  test('mutant: a decider that lets readers overtake is caught', () => {
    expectCaught(
      agrees((state, command, around) => {
        const hurried = fork(state)
        if (command.type === 'acquire' && command.claims[0]?.mode === 'shared') {
          for (const [key, { requestId }] of state.tickets.live(around.nowMs)) {
            if (requestId !== command.requestId) hurried.tickets.delete(key)
          }
        }
        return decide(hurried, command, around)
      }),
    )
  })

  test('mutant: a decider that compares draining entries without their trees is caught', () => {
    expectCaught(
      agrees((state, command, around) => {
        const blind = fork(state)
        for (const [key, { workTree: _, ...entry }] of state.draining.live(around.nowMs)) {
          blind.draining.set(key, entry, around.nowMs)
        }
        return decide(blind, command, around)
      }),
    )
  })

  test('mutant: a decider for which tickets are in no tree is caught', () => {
    expectCaught(
      agrees((state, command, around) => {
        const blind = fork(state)
        for (const [key, { workTree: _, ...ticket }] of state.tickets.live(around.nowMs)) {
          blind.tickets.set(key, ticket, around.nowMs)
        }
        return decide(blind, command, around)
      }),
    )
  })

  test('mutant: an adoption that forgets the tree of its lease is caught', () => {
    expectCaught(
      agrees(decide, (state, entry) => {
        const evolved = evolve(state, entry)
        const lease = entry.type === 'ADOPT' ? evolved.leases.get(entry.data.leaseId) : undefined
        if (lease !== undefined) evolved.leases.set(lease.leaseId, { ...lease, workTree: null })
        return evolved
      }),
    )
  })

  test('mutant: a decider that brings trees together over what drains is caught', () => {
    expectCaught(
      agrees((state, command, around) => {
        if (command.type !== 'configure') return decide(state, command, around)
        const blind = fork(state)
        for (const [key] of state.draining.live(around.nowMs)) blind.draining.delete(key)
        const decision = decide(blind, command, around)
        if (decision.events.length === 0) return decision
        const { workTrees: _, ...config } = state.config
        return decide({ ...state, config }, command, around)
      }),
    )
  }, 120_000)

  test('mutant: a decider that adds the grace twice is caught', () => {
    expectCaught(
      agrees((state, command, around) => {
        const decision = decide(state, command, around)
        const events = decision.events.map(event =>
          event.type === 'ACQUIRE' ? { ...event, data: { ...event.data, graceMs: event.data.graceMs * 2 } } : event,
        )
        return { ...decision, events }
      }),
    )
  })
})
