import type { Command, Evidence } from '@holdfast/core'
import * as fc from 'fast-check'
import { ALIVE, dead, probed, processOf, SMALL, UNKNOWN, type Config } from '../core/harness/alphabet.ts'
import * as commands from '../core/harness/commands.ts'
import { REGIONS } from './own-rules.ts'
import type { Belief, Sending, World } from './world.ts'

const LANES = ['x', 'y', 'deploy'] as const
const HOLDERS = ['A', 'B', 'C', 'R'] as const
const KINDS = [undefined, 'k', 'k'] as const
const CAUSES = [undefined, undefined, 'expired', 'process-dead', 'exited', 'age-ceiling'] as const
const CHILD = 90

export type Does = (typeof DOES)[number]

const DOES = [
  'acquire',
  'acquire',
  'acquire',
  'several',
  'beat',
  'beat',
  'late-beat',
  'arrive',
  'release',
  'adopt',
  'adopt',
  'scavenge',
  'configure',
  'configure',
  'kill',
  'compact',
  'back-up',
  'restore',
  'move',
] as const

const shape = {
  does: fc.constantFrom(...DOES),
  waitMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 14 }) },
  ),
  lane: fc.constantFrom(...LANES),
  holder: fc.nat({ max: HOLDERS.length - 1 }),
  region: fc.nat({ max: REGIONS.length - 1 }),
  shared: fc.boolean(),
  kind: fc.constantFrom(...KINDS),
  bound: fc.boolean(),
  child: fc.constantFrom(false, false, false, true),
  required: fc.constantFrom(false, false, false, false, true),
  wait: fc.boolean(),
  named: fc.constantFrom(undefined, undefined, 'r'),
  ttlMs: fc.constantFrom(undefined, 1, 5, 12, 30),
  which: fc.nat({ max: 5 }),
  force: fc.boolean(),
  claims: fc.boolean(),
  cause: fc.constantFrom(...CAUSES),
  activityMs: fc.constantFrom(0, 0, 15, 60),
  exits: fc.constantFrom(false, false, true),
  told: fc.constantFrom(true, true, false),
  sees: fc.constantFrom(ALIVE, UNKNOWN, UNKNOWN),
  childSeen: fc.constantFrom(ALIVE, UNKNOWN, dead(2)),
  settings: fc.record({
    exclusiveLanes: fc.constantFrom([], [], ['deploy'], ['x'], ['deploy', 'x']),
    budget: fc.constantFrom(undefined, 1, 2),
    ttlCeilingMs: fc.constantFrom(9, 20, 40),
    activityCapMs: fc.constantFrom(0, 10, 40, 60),
    graceMs: fc.constantFrom(0, 3, 8),
    orphanGraceMs: fc.constantFrom(0, 6),
  }),
}
const move = fc.record(shape)
export type Move = typeof move extends fc.Arbitrary<infer M> ? M : never

/** Any moves; with `only` those alone, so that a bug that needs a rare one is met soon. */
export function moves(maxLength: number, only: readonly Does[] = DOES): fc.Arbitrary<Move[]> {
  const focused = only === DOES ? move : fc.record({ ...shape, does: fc.constantFrom(...only) })
  return fc.array(focused, { minLength: 1, maxLength, size: 'max' })
}

export const START: Config = { ...SMALL, kinds: { k: { budget: 2 } }, leaseSpanBoundMs: 40 }

/** Plays the moves and looks after each; throws at the first law that is broken. */
export function play(world: World, script: readonly Move[]): void {
  const player = new Player(world)
  for (const next of script) {
    world.pass(next.waitMs)
    player.play(next)
    world.check()
  }
  world.pass(2 * (START.ttlCeilingMs ?? 0))
}

class Player {
  readonly #world: World
  readonly #underWay: (Sending & { readonly command: Command })[] = []
  readonly #lives = new Map<number, number>()

  constructor(world: World) {
    this.#world = world
  }

  play(next: Move): void {
    const world = this.#world
    const evidence = this.#evidence(next)
    const belief = this.#pick(next)
    switch (next.does) {
      case 'acquire':
      case 'several':
        world.run(this.#acquire(next), { evidence })
        return
      case 'beat':
        if (belief !== undefined) world.run(beatOf(belief, next), { told: next.told })
        return
      case 'late-beat':
        if (belief !== undefined) {
          this.#underWay.push({ command: beatOf(belief, next), sentMs: world.nowMs, told: next.told })
        }
        return
      case 'arrive': {
        const late = this.#underWay.shift()
        if (late !== undefined) world.run(late.command, late)
        return
      }
      case 'release':
        if (belief !== undefined) world.run(commands.release(belief.lease))
        return
      case 'adopt':
        if (belief !== undefined) world.run(this.#adopt(next, belief), { evidence })
        return
      case 'scavenge':
        if (belief !== undefined) world.run(scavengeOf(belief, next), { evidence })
        return
      case 'configure':
        world.run(commands.configure(configOf(next)))
        return
      case 'kill':
        this.#kill(next.holder)
        return
      case 'compact':
        world.compact()
        return
      case 'back-up':
        world.backUp()
        return
      case 'restore':
        world.restore(next.which)
        return
      case 'move':
        world.move(next.waitMs)
        return
    }
  }

  #acquire(next: Move): Command {
    const mode = next.shared ? 'shared' : 'exclusive'
    const kind = next.kind === undefined ? {} : { kind: next.kind }
    const globs = [...(REGIONS[next.region]?.globs ?? [])]
    const claim = { lane: next.lane, region: globs, mode, ...kind } as const
    const other = LANES[(LANES.indexOf(next.lane) + 1) % LANES.length] ?? 'x'
    const several = next.does === 'several'
    const policy = several ? (next.wait ? 'any' : 'all') : 'one'
    return commands.acquireAll(policy, several ? [claim, { lane: other, mode, ...kind }] : [claim], nameOf(next), {
      process: next.bound ? this.#process(next.holder) : null,
      wait: next.wait,
      reap: next.required ? 'required' : 'optional',
      ...(next.child ? { children: [processOf(CHILD)] } : {}),
      ...(next.named === undefined ? {} : { requestId: next.named }),
      ...(next.ttlMs === undefined ? {} : { ttlMs: next.ttlMs }),
    })
  }

  #adopt(next: Move, { lease }: Belief): Command {
    return commands.adopt(lease, nameOf(next), {
      force: next.force,
      process: next.bound ? this.#process(next.holder) : null,
      ...(next.claims ? { claim: { cause: next.cause ?? 'expired' } } : {}),
    })
  }

  #pick({ which }: Move): Belief | undefined {
    const { beliefs } = this.#world
    return beliefs[beliefs.length - 1 - (which % Math.max(1, beliefs.length))]
  }

  /** Every holder has one process at a time; a killed one comes back as another. */
  #process(holder: number) {
    return processOf(this.#pid(holder))
  }

  #pid(holder: number): number {
    return 1 + holder + HOLDERS.length * (this.#lives.get(holder) ?? 0)
  }

  #kill(holder: number): void {
    this.#world.kill(this.#pid(holder))
    this.#lives.set(holder, (this.#lives.get(holder) ?? 0) + 1)
  }

  /** Only the dead are found dead; who lives may be unknown. */
  #evidence({ sees, childSeen }: Move): Evidence {
    const pids = this.#world.beliefs.flatMap(({ pid }) => pid ?? [])
    const living = pids.map(pid => [processOf(pid), sees] as const)
    const gone = [...this.#world.dead].map(pid => [processOf(pid), dead(2)] as const)
    return probed(...living, ...gone, [processOf(CHILD), childSeen])
  }
}

function nameOf({ holder }: Move): string {
  return HOLDERS[holder] ?? 'A'
}

function beatOf({ lease }: Belief, { activityMs, exits }: Move): Command {
  return commands.beat(lease, {
    ...(activityMs === 0 ? {} : { activity: { label: 'a', expectedMs: activityMs } }),
    ...(exits ? { exit: { code: 0, signal: null } } : {}),
  })
}

function scavengeOf({ lease }: Belief, next: Move): Command {
  return commands.scavenge(lease, {
    force: next.force,
    ...(next.cause === undefined ? {} : { cause: next.cause }),
    ...(next.claims ? { holder: lease.holder } : {}),
  })
}

function configOf({ settings: { budget, exclusiveLanes, ...spans } }: Move): Config {
  return {
    ...SMALL,
    ...spans,
    exclusiveLanes: [...exclusiveLanes],
    kinds: budget === undefined ? {} : { k: { budget } },
  }
}
