import { Kind, Lane, RefusalCode, type ProcessIdentity, type Refused } from '@holdfast/core'
import { identify, openLeanLedgerOn, type Ledger } from '@holdfast/engine/lean'
import { openMemoryStore } from '@holdfast/store/memory'
import { afterAll, describe, expect, it } from 'vitest'
import type { NextStep } from '@holdfast/server/schemas'
import { nextSteps, type RefusedRequest } from '@holdfast/server/answers'
import { COMMANDS } from '../commands/table.ts'
import { rootCommand } from '../program/root-command.ts'
import { TypedLine } from '../program/typed-line.ts'
import { Shell } from '../program/shell.ts'

const HERE = identify(process.pid)
const CHILD: ProcessIdentity = { host: 'h', bootId: 'b', pidNamespace: 'n', pid: 4711, processStart: '1' }

const stores: Ledger[] = []
afterAll(() => Promise.all(stores.map(each => each.close())))

/** A ledger under a time of its own, in which every recorded child runs until it is ended. */
async function situation() {
  let nowMs = Date.UTC(2026, 0, 1)
  let childRuns = true
  const store = openMemoryStore({ clock: () => nowMs })
  const probe = () => (childRuns ? ('alive' as const) : ('dead' as const))
  const ledger = await openLeanLedgerOn(store, { create: true, probe })
  stores.push(ledger)
  return {
    ledger,
    pass: (spanMs: number) => (nowMs += spanMs),
    end: () => (childRuns = false),
    stepsFor: async (outcome: Promise<object>, op: RefusedRequest['op'], args: readonly string[]) => {
      const refused = (await outcome) as Refused
      expect(refused.outcome).toBe('refused')
      const typed = new TypedLine(args, () => ({ ledger: 'default' }))
      const around = { state: ledger.state, moment: { nowMs }, typed, here: HERE, asker: 'ben' }
      return { code: refused.code, steps: nextSteps(refused, { ...around, op, lane: 'api' }) }
    },
  }
}

const DECLARED = { region: [], kind: null }

type Situation = Awaited<ReturnType<typeof situation>>
const ASK = ['acquire', 'api', '--holder', 'ben']
const ask = ({ ledger, stepsFor }: Situation) =>
  stepsFor(ledger.acquire({ lane: 'api', holder: 'ben' }), 'acquire', ASK)

/** One refusal of every code that the command line meets, each as it comes about. */
const CASES: Readonly<Record<string, () => Promise<{ readonly code: RefusalCode; readonly steps: NextStep[] }>>> = {
  'lane-held': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m' })
    return ask(now)
  },
  'region-held': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'web', holder: 'ann', region: ['src/**'] })
    return now.stepsFor(now.ledger.acquire({ lane: 'api', holder: 'ben', region: ['src/a'] }), 'acquire', ASK)
  },
  'exclusive-lane-live': async () => {
    const now = await situation()
    await now.ledger.configure({ ...now.ledger.config, exclusiveLanes: [Lane.parse('api')] })
    await now.ledger.acquire({ lane: 'web', holder: 'ann' })
    return ask(now)
  },
  'budget-exhausted': async () => {
    const now = await situation()
    await now.ledger.configure({ ...now.ledger.config, kinds: { [Kind.parse('big')]: { budget: 1 } } })
    await now.ledger.acquire({ lane: 'web', holder: 'ann', kind: 'big' })
    return now.stepsFor(now.ledger.acquire({ lane: 'api', holder: 'ben', kind: 'big' }), 'acquire', ASK)
  },
  'queued-behind': async () => {
    const now = await situation()
    const held = await now.ledger.acquire({ lane: 'api', holder: 'ann', mode: 'shared' })
    expect(held.outcome).toBe('granted')
    const ending = new AbortController()
    const waits = now.ledger.acquire({ lane: 'api', holder: 'cid' }, { wait: '1m', signal: ending.signal })
    await expect.poll(() => now.ledger.state.counts.REFUSE).toBe(1)
    const asked = await now.stepsFor(now.ledger.acquire({ lane: 'api', holder: 'ben', mode: 'shared' }), 'acquire', ASK)
    ending.abort()
    await waits
    return asked
  },
  draining: async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann' })
    await now.ledger.scavenge({ lane: 'api', token: 1, force: true })
    return ask(now)
  },
  'orphan-alive': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m', children: [CHILD] })
    now.pass(10 * 60_000)
    return ask(now)
  },
  'awaiting-reap': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m', reap: 'required' })
    now.pass(10 * 60_000)
    return ask(now)
  },
  'held-by-self': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ben' })
    return ask(now)
  },
  'still-held': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann' })
    return now.stepsFor(now.ledger.scavenge({ lane: 'api', token: 1 }), 'scavenge', ['scavenge', 'api', '--token', '1'])
  },
  'unknown-lane': async () => {
    const now = await situation()
    await now.ledger.configure({ ...now.ledger.config, freeLanes: false, lanes: { [Lane.parse('web')]: DECLARED } })
    return ask(now)
  },
  'request-id-reused': async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ben', requestId: 'q', region: ['a'] })
    const outcome = now.ledger.acquire({ lane: 'api', holder: 'ben', requestId: 'q', region: ['b'] })
    return now.stepsFor(outcome, 'acquire', [...ASK, '--request-id', 'q'])
  },
  'self-conflict': async () => {
    const now = await situation()
    const allOf = [{ lane: 'web', region: ['src/**'] }]
    const outcome = now.ledger.acquire({ lane: 'api', holder: 'ben', region: ['src/a'], allOf })
    return now.stepsFor(outcome, 'acquire', ASK)
  },
}

/** No command line meets these: a local rule is a library's, a thousand waiters are no test's, the last refuses nobody. */
const ELSEWHERE = ['predicate-refused', 'queue-full', 'withdrawn']

/** Choices of somebody, of which no command can be typed. */
const WITHOUT_COMMAND = ['self-conflict']

/** Defines the real commands; their work is only counted. */
class ParsingShell extends Shell {
  parsed = 0

  override does(command: Parameters<Shell['does']>[0]): void {
    command.action(() => {
      this.parsed += 1
    })
  }
}

const shell = new ParsingShell(rootCommand(), [])

/** Has the real program read a line; fails where it would end with a usage error before its work. */
async function parses(line: string): Promise<void> {
  const words =
    line
      .split(' | ')
      .at(-1)
      ?.match(/(?:'[^']*'|[^\s'])+/gu) ?? []
  const [program, ...args] = words.map(word => word.replaceAll("'", ''))
  if (program === 'kill') return
  expect(program).toBe('holdfast')
  const root = rootCommand()
  for (const [name, load] of COMMANDS) (await load())(root.command(name), shell)
  const before = shell.parsed
  await root.parseAsync([...args], { from: 'user' })
  expect(shell.parsed, line).toBe(before + 1)
}

describe('what can be done about a refusal', () => {
  it('is known for every code', () => {
    expect([...Object.keys(CASES), ...ELSEWHERE].sort()).toEqual([...RefusalCode.options].sort())
  })

  it.each(Object.keys(CASES))('%s: something, with commands that the real program understands', async expected => {
    const { code, steps } = (await (CASES[expected] ?? CASES['draining'])?.()) ?? { code: '', steps: [] }
    expect(code).toBe(expected)
    expect(steps.length).toBeGreaterThan(0)
    const commands = steps.flatMap(({ command }) => (command === undefined ? [] : [command]))
    if (!WITHOUT_COMMAND.includes(expected)) expect(commands.length, JSON.stringify(steps)).toBeGreaterThan(0)
    for (const command of commands) await parses(command)
  })

  it('a wait is long enough: it is over after the end of what is in the way', async () => {
    const now = await situation()
    await now.ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m' })
    const { steps } = await ask(now)
    expect(steps[0]).toMatchObject({ action: 'wait', command: 'holdfast acquire api --holder ben --wait 95s' })
  })

  it('nobody is handed the release of another: who has to give it up is named', async () => {
    for (const name of ['lane-held', 'draining', 'region-held']) {
      const { steps } = await (CASES[name] ?? ask.bind(null, await situation()))()
      const release = steps.find(({ action }) => action === 'release')
      expect(release?.text).toContain('ann')
      expect(release?.command).toBeUndefined()
    }
  })

  it('a child that runs on is named, and ended by a command only on its own host', async () => {
    const { steps } = await (CASES['orphan-alive'] ?? ask.bind(null, await situation()))()
    expect(steps).toContainEqual({ action: 'kill', text: 'end its child, pid 4711 on h, which still runs' })
    const now = await situation()
    const child = { ...CHILD, host: HERE?.host ?? '', pidNamespace: HERE?.pidNamespace ?? null }
    await now.ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m', children: [child] })
    now.pass(10 * 60_000)
    expect((await ask(now)).steps).toContainEqual(expect.objectContaining({ action: 'kill', command: 'kill 4711' }))
    now.end()
    expect(await now.ledger.acquire({ lane: 'api', holder: 'ben' })).toMatchObject({ outcome: 'granted' })
  })
})
