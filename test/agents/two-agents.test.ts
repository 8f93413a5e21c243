import { explainRevision } from '@holdfast/server/answers'
import { queryLiveness, type LivenessPorts } from '@holdfast/projections'
import * as fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { Fleet, MINUTE_MS } from './fleet.ts'
import { ScriptedAgent, type Seen, type Trunk } from './scripted-agent.ts'

// Two agents of different protocols in two work trees of one repository. All hook calls are made in this process, on real
// documents, and by one clock that the script moves.

const EDITS = 200
/** Thousands of hook calls: a few seconds on a machine with nothing else to do, and many where much else runs. */
const LONG_MS = 120_000
const FILES = Array.from({ length: 8 }, (_, n) => `f${n}.ts`)
/** Steps after which an edit must have come about: a script that stands still is a fault. */
const STEPS_MAX = 20_000
/** A call reads the log from the newest CHECKPOINT; without one the time of all calls together grows with their square. */
const STEPS_PER_CHECKPOINT = 50

interface Script {
  readonly fleet: Fleet
  readonly trunk: Trunk
  readonly seen: Seen
  readonly a: ScriptedAgent
  readonly b: ScriptedAgent
  /** Both edit, in an order that the seed gives, until each has done so many more. */
  readonly mix: (edits: number) => Promise<void>
}

function script(fleet: Fleet, guarded: boolean): Script {
  const trunk: Trunk = new Map()
  const seen: Seen = { published: [], refused: [], trespasses: [] }
  const of = (agent: 'claude-code' | 'codex') => new ScriptedAgent(fleet, { agent, guarded, trunk, seen })
  const [a, b] = [of('claude-code'), of('codex')]
  const choices = fc.sample(fc.nat(999), { seed: inject('seed'), numRuns: STEPS_MAX })
  let place = 0
  const choice = (below: number): number => (choices[(place += 1) % choices.length] ?? 0) % below
  const mix = async (edits: number): Promise<void> => {
    const goal = new Map([a, b].map(agent => [agent, agent.edits + edits]))
    const isDone = (agent: ScriptedAgent): boolean => agent.edits >= (goal.get(agent) ?? 0) && agent.isIdle
    for (let step = 0; ![a, b].every(isDone); step += 1) {
      if (step > STEPS_MAX) throw new Error(`after ${step} steps ${a.edits} and ${b.edits} edits were done`)
      const agent = isDone(a) || (!isDone(b) && choice(2) === 1) ? b : a
      fleet.time.advance(choice(5) * 1000)
      if (guarded && step % STEPS_PER_CHECKPOINT === STEPS_PER_CHECKPOINT - 1) await fleet.with(at => at.checkpoint())
      const isLet = await agent.step(FILES[choice(FILES.length)] ?? '')
      // Now and then it is done with what it holds, and where it is refused it is.
      if (agent.isIdle && (!isLet || choice(6) === 0 || isDone(agent))) await agent.release()
    }
  }
  return { fleet, trunk, seen, a, b, mix }
}

const lost = ({ seen, trunk }: Script): readonly string[] =>
  seen.published.flatMap(({ path, line }) => (trunk.get(path)?.split('\n').includes(line) === true ? [] : [line]))

async function verdictOf({ fleet }: Script, path: string, ports: LivenessPorts = {}): Promise<string | undefined> {
  const view = await fleet.with(ledger => queryLiveness(ledger.store, ledger.stream, ledger, ports))
  return view.leases.find(({ lane }) => lane === `edit:${path}`)?.verdict
}

/** Time passes, in which an agent goes on with its work, and says so every four minutes. */
async function passes(fleet: Fleet, minutes: number, agent: ScriptedAgent, each?: () => Promise<void>): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 4) {
    fleet.time.advance(4 * MINUTE_MS)
    await agent.says('PostToolUse', { tool_name: 'Read', tool_input: {}, tool_response: '' })
    await each?.()
  }
}

const refused = async (agent: ScriptedAgent, seen: Seen, path: string): Promise<void> => {
  const { permitted, name } = await agent.asks(path)
  expect(permitted).toBe(false)
  seen.refused.push({ name, path })
}

it(
  'lose no update with holdfast, whatever becomes of one of them, and each state is judged right',
  { timeout: LONG_MS },
  async () => {
    await using fleet = new Fleet({ config: { workTrees: 'together' } })
    const all = script(fleet, true)
    const { seen, a, b, mix } = all

    // Killed in the middle of an edit: its file opens when its time is over, and it is STALLED when it shows no work any more.
    await mix(EDITS / 4)
    expect(await a.step('killed.ts')).toBe(true)
    a.killed()
    await passes(fleet, 12, b, () => refused(b, seen, 'killed.ts'))
    await passes(fleet, 20, b)
    expect(await verdictOf(all, 'killed.ts')).toBe('STALLED')
    expect((await b.asks('killed.ts')).permitted).toBe(true)
    await b.release()

    // It waits twenty minutes for a human: WAITING all the time, and its leases end as they would.
    await mix(EDITS / 4)
    expect((await a.asks('waits.ts')).permitted).toBe(true)
    const sinceMs = fleet.time.wall()
    await a.says('PermissionRequest', { tool_name: 'Bash', tool_input: { command: 'rm x' } })
    await passes(fleet, 12, b, () => refused(b, seen, 'waits.ts'))
    await passes(fleet, 8, b)
    expect(await verdictOf(all, 'waits.ts')).toBe('WAITING')
    const { waiting } = await fleet.with(ledger => queryLiveness(ledger.store, ledger.stream, ledger))
    expect(waiting).toMatchObject([{ holder: a.name, sinceMs }])
    expect((await b.asks('waits.ts')).permitted).toBe(true)
    expect((await a.says('UserPromptSubmit', { prompt: 'go on' })).told.join('\n')).toContain('waits.ts')
    await b.release()

    // Suspended between two calls, as a laptop is: what it has not published it throws away.
    await mix(EDITS / 4)
    expect(await b.step('suspended.ts')).toBe(true)
    expect(await b.step('')).toBe(true)
    await passes(fleet, 12, a, () => refused(a, seen, 'suspended.ts'))
    await passes(fleet, 8, a)
    for (const _ of ['ask', 'write', 'publish']) expect(await a.step('suspended.ts')).toBe(true)
    await a.release()
    expect(await b.step('')).toBe(false)

    // It tells what it will do, for ever, and does nothing: SPINNING; where not all can be looked at, nobody knows.
    expect((await a.asks('narrated.ts')).permitted).toBe(true)
    expect(await verdictOf(all, 'narrated.ts')).toBe('ADVANCING')
    await passes(fleet, 36, a, () => refused(b, seen, 'narrated.ts'))
    expect(await verdictOf(all, 'narrated.ts')).toBe('SPINNING')
    const progress = () => ({ commits: 0, files: 0, unknown: ['git'] })
    expect(await verdictOf(all, 'narrated.ts', { progress })).toBe('UNKNOWN')
    await a.release()

    // A build of forty minutes that was announced keeps what it holds, and says nothing meanwhile.
    expect((await a.asks('built.ts')).permitted).toBe(true)
    const build = { tool_name: 'Bash', tool_input: { command: 'make world', timeout: 50 * MINUTE_MS } }
    await a.says('PreToolUse', build)
    await passes(fleet, 40, b, () => refused(b, seen, 'built.ts'))
    await a.says('PostToolUse', { ...build, tool_response: 'ok' })
    await a.release()
    expect((await b.asks('built.ts')).permitted).toBe(true)
    await b.release()

    await mix(EDITS / 4)
    expect([a.edits, b.edits].every(edits => edits >= EDITS)).toBe(true)
    expect(lost(all)).toEqual([])
    expect(seen.trespasses).toEqual([])
    expect(seen.refused.length).toBeGreaterThan(20)
    await expectExplained(all)
  },
)

/** Each refusal stands in the log, as of that name and that file, and `why` says who was in the way. */
async function expectExplained({ fleet, seen }: Script): Promise<void> {
  await fleet.with(async ledger => {
    const { store, stream } = ledger
    const inLog = new Map<string, number>()
    for await (const entries of store.read(stream)) {
      for (const entry of entries) {
        if (entry.type !== 'REFUSE' || !('data' in entry)) continue
        const { holder, claims = [] } = entry.data.request
        for (const { region } of claims) for (const path of region) inLog.set(`${holder} ${path}`, entry.revision)
      }
    }
    const at = { ledgerId: ledger.state.ledgerId, head: ledger.state.head }
    const nowMs = await ledger.now()
    const told = new Set(seen.refused.map(({ name, path }) => `${name} ${path}`))
    expect([...told].filter(one => !inLog.has(one))).toEqual([])
    for (const one of [...told].slice(0, 12)) {
      if (at.ledgerId === null) throw new Error('no ledger')
      const explained = await explainRevision(
        { at: { ...at, ledgerId: at.ledgerId }, store, stream, nowMs },
        inLog.get(one) ?? -1,
      )
      expect(explained.lines().join('\n')).toContain(one.split(' ')[0])
    }
  })
}

it('the same two on a ledger that is a file, for some edits', async () => {
  await using fleet = new Fleet({ config: { workTrees: 'together' }, onDisk: true })
  const all = script(fleet, true)
  await all.mix(12)
  expect(lost(all)).toEqual([])
  expect(all.seen.trespasses).toEqual([])
})

it('the same two lose updates without holdfast', async () => {
  await using fleet = new Fleet()
  const all = script(fleet, false)
  await all.mix(EDITS)
  expect(lost(all).length).toBeGreaterThan(10)
})
