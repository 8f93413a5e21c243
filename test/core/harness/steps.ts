import * as fc from 'fast-check'
import type { Command, Evidence, Lease, Outcome, Probe } from '@holdfast/core'
import { ALIVE, dead, probed, processOf, SMALL, TREES, UNKNOWN, type Config } from './alphabet.ts'
import * as commands from './commands.ts'
import type { CoreLedger } from './core-ledger.ts'

// Small alphabets, so that everything meets everything.
export const LANES = ['x', 'y', 'z', 'deploy'] as const
export const HOLDERS = ['A', 'B', 'C'] as const
export const REGIONS = [[], ['src/**'], ['src/api/**'], ['src/*.ts', 'docs/'], ['**/*.md'], ['README.md']] as const
const RUNS = [undefined, undefined, 'run'] as const
const REQUESTS = [undefined, undefined, 'r', 's'] as const
export const PIDS = [1, 2, 3] as const
const CHILD_PIDS = [[], [], [10], [10, 11]] as const
const CAUSES = [undefined, 'expired', 'process-dead', 'exited', 'age-ceiling', 'manual'] as const
const PROBES: readonly Probe[] = [UNKNOWN, ALIVE, dead(1), dead(2)]

/** Exclusive lane and budget included. */
export const RICH: Partial<Config> = {
  exclusiveLanes: ['deploy'],
  kinds: { big: { budget: 2 } },
  lanes: { z: { region: ['src/z/**'], kind: 'big' } },
}

/** As `RICH`, where regions of different work trees do not conflict. */
export const RICH_APART: Partial<Config> = { ...RICH, workTrees: 'apart' }

const CONFIGS: readonly Config[] = [
  { ...SMALL, ...RICH },
  { ...SMALL, ...RICH_APART },
  { ...SMALL, ...RICH, exclusiveLanes: ['deploy', 'x'], activityCapMs: 5 },
  { ...SMALL, ...RICH, exclusiveLanes: [], kinds: { big: { budget: 1 } }, orphanGraceMs: 0, refusalWindowMs: 0 },
]

const OPERATIONS = [
  'acquire',
  'acquire',
  'acquire',
  'acquire',
  'any',
  'all',
  'beat',
  'beat',
  'release',
  'adopt',
  'scavenge',
  'halt',
  'spawn',
  'write',
  'withdraw',
  'configure',
  'checkpoint',
] as const

const stepShape = {
  /** Zero often: a clock that stands still. */
  waitMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 16 }) },
  ),
  operation: fc.constantFrom(...OPERATIONS),
  lane: fc.constantFrom(...LANES),
  holder: fc.constantFrom(...HOLDERS),
  region: fc.constantFrom(...REGIONS),
  tree: fc.constantFrom(...TREES),
  mode: fc.constantFrom('exclusive', 'exclusive', 'shared'),
  kind: fc.constantFrom(undefined, undefined, 'big'),
  runId: fc.constantFrom(...RUNS),
  requestId: fc.constantFrom(...REQUESTS),
  wait: fc.boolean(),
  reap: fc.constantFrom('optional', 'optional', 'optional', 'required'),
  pid: fc.constantFrom(undefined, ...PIDS),
  children: fc.constantFrom(...CHILD_PIDS),
  /** Which of the ownerships seen so far, counted from the newest: mostly a live one, often a stale one. */
  which: fc.nat({ max: 6 }),
  byHolder: fc.integer({ min: 0, max: 9 }),
  force: fc.constantFrom(false, false, false, true),
  cause: fc.constantFrom(...CAUSES),
  extra: fc.constantFrom('none', 'none', 'activity', 'exit', 'children', 'progress', 'causation'),
  spanMs: fc.integer({ min: 1, max: 50 }),
  config: fc.nat({ max: CONFIGS.length - 1 }),
  probes: fc.array(fc.nat({ max: PROBES.length - 1 }), { minLength: 5, maxLength: 5 }),
} as const

const step = fc.record(stepShape)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
export type { Step }

export function steps(maxLength = 40): fc.Arbitrary<Step[]> {
  return fc.array(step, { minLength: 1, maxLength, size: 'max' })
}

export interface Played {
  readonly command: Command
  readonly evidence: Evidence
  readonly outcome: Outcome
}

/** Who came to own what in a play, in that order. */
export class Cast {
  readonly leases: Lease[] = []

  note(outcome: Outcome): void {
    if (outcome.outcome === 'granted') this.leases.push(...outcome.leases)
    if (outcome.outcome === 'adopted') this.leases.push(outcome.lease)
  }

  pick(which: number): Lease | undefined {
    return this.leases.length === 0 ? undefined : this.leases[this.leases.length - 1 - (which % this.leases.length)]
  }
}

/** Plays the steps on a ledger; `before` sees each command on the state that it is about to be decided on. */
export function play(
  ledger: CoreLedger,
  script: readonly Step[],
  before: (command: Command, evidence: Evidence) => void = () => undefined,
): Played[] {
  const cast = new Cast()
  return script.map(next => {
    ledger.at(ledger.nowMs + next.waitMs)
    const command = commandFor(next, cast, ledger)
    const evidence = evidenceOf(next)
    before(command, evidence)
    const outcome = ledger.run(command, evidence)
    cast.note(outcome)
    return { command, evidence, outcome }
  })
}

export function evidenceOf({ probes }: Step): Evidence {
  return probed(
    ...[...PIDS, 10, 11].map((pid, index) => [processOf(pid), PROBES[probes[index] ?? 0] ?? UNKNOWN] as const),
  )
}

export function commandFor(next: Step, cast: Cast, ledger: CoreLedger): Command {
  const lease = cast.pick(next.which)
  switch (next.operation) {
    case 'acquire':
      return acquireFor(next)
    case 'any':
    case 'all':
      return groupFor(next, next.operation)
    case 'withdraw':
      return commands.withdraw(next.holder, next.requestId ?? 'r')
    case 'configure':
      return commands.configure(CONFIGS[next.config] ?? SMALL)
    case 'checkpoint':
      return commands.checkpoint()
    case 'spawn':
      return commands.spawn(next.lane, next.holder, {
        ...given('runId', next.runId),
        ...(next.wait ? { waiting: { for: 'permission', detail: next.lane } } : {}),
        ttlMs: next.spanMs,
      })
    case 'write':
      return commands.write(next.holder, ['src/a.ts', ...next.region.map(glob => glob.replaceAll('*', 'x'))], {
        workTree: next.tree,
      })
    case 'halt':
      return commands.halt('h', haltTarget(next, lease))
    case 'beat':
    case 'release':
    case 'adopt':
    case 'scavenge':
      return lease === undefined ? acquireFor(next) : commandOn(next, lease, ledger)
  }
}

function acquireFor(next: Step): Command {
  const { lane, holder, region, mode, wait, reap } = next
  return commands.acquire(lane, holder, { region, mode, wait, reap, ...given('kind', next.kind), ...optionsFor(next) })
}

function groupFor(next: Step, policy: 'any' | 'all'): Command {
  const second = LANES[(LANES.indexOf(next.lane) + 1) % LANES.length] ?? 'x'
  const claims = [
    { lane: next.lane, region: [...next.region], mode: next.mode, ...given('kind', next.kind) },
    { lane: second, mode: next.mode, ...given('kind', next.kind) },
  ]
  return commands.acquireAll(policy, claims, next.holder, optionsFor(next))
}

function optionsFor(next: Step) {
  return {
    process: next.pid === undefined ? null : processOf(next.pid),
    workTree: next.tree,
    ...(next.children.length === 0 ? {} : { children: next.children.map(pid => processOf(pid)) }),
    ...given('runId', next.runId),
    ...given('requestId', next.requestId),
  }
}

function commandOn(next: Step, lease: Lease, ledger: CoreLedger): Command {
  // Now and then somebody else tries.
  const held = next.byHolder === 0 ? { ...lease, holder: commands.holderNamed(next.holder) } : lease
  switch (next.operation) {
    case 'release':
      return commands.release(held, causation(next, ledger))
    case 'adopt':
      return commands.adopt(lease, next.holder, {
        force: next.force,
        process: next.pid === undefined ? null : processOf(next.pid),
        ...(next.cause === undefined ? {} : { claim: { cause: next.cause } }),
      })
    case 'scavenge':
      return commands.scavenge(lease, {
        force: next.force,
        disposition: next.wait ? 'retry' : 'none',
        ...given('cause', next.cause),
        ...(next.byHolder > 4 ? { holder: lease.holder } : {}),
      })
    case 'acquire':
    case 'any':
    case 'all':
    case 'beat':
    case 'halt':
    case 'spawn':
    case 'write':
    case 'withdraw':
    case 'configure':
    case 'checkpoint':
      return commands.beat(held, { ...beatExtra(next, ledger), coalesceWithinMs: next.byHolder % 4 })
  }
}

function beatExtra(next: Step, ledger: CoreLedger) {
  switch (next.extra) {
    case 'none':
      return {}
    case 'activity':
      return { activity: { label: 'work', expectedMs: next.spanMs } }
    case 'exit':
      return { exit: { code: next.spanMs % 2, signal: null } }
    case 'children':
      return { children: next.children.map(pid => processOf(pid)) }
    case 'progress':
      return { progress: 'p', metadata: { step: next.spanMs } }
    case 'causation':
      return causation(next, ledger)
  }
}

function causation({ which }: Step, { state, nowMs }: CoreLedger) {
  const halts = [...state.halts.live(nowMs)]
  const halt = halts[which % Math.max(1, halts.length)]
  return halt === undefined ? {} : { causation: halt[0] }
}

function haltTarget(next: Step, lease: Lease | undefined) {
  if (next.byHolder < 3) return { lane: next.lane }
  if (next.byHolder < 5) return given('runId', next.runId)
  return lease === undefined ? {} : { leaseId: lease.leaseId, lane: lease.lane }
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const fields: { [P in K]?: V } = {}
  if (value !== undefined) fields[key] = value
  return fields
}
