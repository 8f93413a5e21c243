import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Holdfast } from './holdfast.ts'
import type { Data, Log } from './log.ts'

/** What a scene needs: the command line, what the log says, and where the store is. */
export interface Stage {
  readonly holdfast: Holdfast
  readonly log: Log
  readonly store: string
  readonly policy: string
  /** Where the scenes may leave files for their workers. */
  readonly folder: string
  readonly say: (line: string) => void
}

/**
 * How long a scene may wait for one event of the log before the demonstration has failed. A quiet machine needs a few
 * seconds; one that is busy with other work needs many.
 */
const PATIENCE_MS = 180_000

/** How long a request may stand in line: longer than any scene takes. */
const WAIT = '5m'

/** How long a worker goes on that is ended by its scene. */
const ENDLESS_S = '3600'

/** A grant, a refusal with its blocker and a witness path, and a waiter that gets its turn. */
export async function contend(stage: Stage): Promise<void> {
  const { holdfast, log, say, folder } = stage
  say('agent-a surveys packages/core under the lane core')
  const isDone = join(folder, 'agent-c-waits')
  const own = ['--holder', 'agent-a', '--region', 'packages/core/**']
  const first = holdfast.run('core', own, 'survey', 'packages/core', '3', isDone)
  await log.seen('ACQUIRE', data => data['lane'] === 'core', PATIENCE_MS)

  say('agent-b asks for one file inside that region')
  await holdfast.call('acquire', 'core-ids', '--holder', 'agent-b', '--region', 'packages/core/src/ids.ts')

  say('agent-c wants all of packages/core too, and waits for its turn')
  const region = ['--region', 'packages/{core,store}/src/*.ts']
  const second = holdfast.run(
    'core-and-store',
    ['--holder', 'agent-c', ...region, '--wait', WAIT],
    'survey',
    'docs',
    '1',
  )
  await log.seen('REFUSE', isWaitOf('agent-c'), PATIENCE_MS)
  // Only now may the lane become free: on a slow machine agent-c would find it free already, and wait for nothing.
  writeFileSync(isDone, '')
  await Promise.all([first.ended, second.ended])
}

/** Whether a refusal gave a holder a place in the line. */
function isWaitOf(holder: string): (data: Data) => boolean {
  return data => data['ticket'] !== undefined && field(data['request'], 'holder') === holder
}

/** How a beat under a token that was adopted away was answered. */
export interface StaleBeat {
  readonly token: string
  readonly exitCode: number | null
  readonly outcome: unknown
}

/** A runner is killed; its child lives on, is noticed, and is adopted under a new token; the old token is refused. */
export async function orphan(stage: Stage): Promise<StaleBeat> {
  const { holdfast, log, say } = stage
  say('agent-d surveys packages/engine; its runner is about to be killed')
  const options = ['--holder', 'agent-d', '--region', 'packages/engine/**']
  const run = holdfast.run('engine', options, 'survey', 'packages/engine', ENDLESS_S)
  const acquired = await log.seen('ACQUIRE', data => data['lane'] === 'engine', PATIENCE_MS)
  const recorded = await log.seen(
    'HEARTBEAT',
    data => data['lane'] === 'engine' && data['children'] !== undefined,
    PATIENCE_MS,
  )
  const child = pidOfFirst(recorded.data['children'])
  holdfast.willOutlive(child)
  const oldToken = String(acquired.revision)
  // The child begins once its record is confirmed; the beat after that shows that it has.
  const afterRecord = (data: Data, revision: number) => data['lane'] === 'engine' && revision > recorded.revision
  await log.seen('HEARTBEAT', afterRecord, PATIENCE_MS)

  run.child.kill('SIGKILL')
  await run.ended
  say(`the runner of agent-d is killed; its child ${child} works on, unwatched`)

  say('agent-e asks for the lane: a recorded child that still runs keeps it closed')
  await refusedAsOrphan(stage)

  say('rescuer adopts the lease and with it the child')
  const newToken = await adopt(stage, oldToken)

  say('somebody beats under the old token')
  const stale = await holdfast.ask('heartbeat', 'engine', '--holder', 'agent-d', '--token', oldToken)

  holdfast.endOrphan(child)
  await holdfast.call('release', 'engine', '--holder', 'rescuer', '--token', newToken)
  return { token: oldToken, exitCode: stale.exitCode, outcome: field(stale.answer, 'outcome') }
}

async function refusedAsOrphan({ holdfast, log }: Stage): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS
  while (Date.now() < untilMs) {
    await holdfast.call('acquire', 'engine', '--holder', 'agent-e', '--region', 'packages/engine/**')
    const refusals = log.all('REFUSE').map(({ data }) => data['code'])
    if (refusals.includes('orphan-alive')) return
    await sleep(500)
  }
}

async function adopt({ holdfast }: Stage, token: string): Promise<string> {
  const untilMs = Date.now() + PATIENCE_MS
  while (Date.now() < untilMs) {
    const { exitCode, answer } = await holdfast.ask('adopt', 'engine', '--holder', 'rescuer', '--expect-token', token)
    if (exitCode === 0) return tokenOf(answer)
    await sleep(500)
  }
  throw new Error('the orphaned lease could not be adopted in time')
}

/** A holder without a runner is killed; its lane is taken over by expiry, with no sweeper. */
export async function expiry(stage: Stage): Promise<void> {
  const { holdfast, log, say, store } = stage
  say('bare-holder takes the lane docs through the library')
  const script = join(import.meta.dirname, 'bare-holder.ts')
  const holder = holdfast.track(
    spawn(process.execPath, [script, store, 'docs', 'docs/**'], { stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  await log.seen('ACQUIRE', data => data['lane'] === 'docs', PATIENCE_MS)
  holder.child.kill('SIGKILL')
  await holder.ended
  say('bare-holder is killed; agent-f waits for docs')
  const { answer } = await holdfast.ask(
    'acquire',
    'docs',
    '--holder',
    'agent-f',
    '--region',
    'docs/adr/*.md',
    '--wait',
    WAIT,
  )
  await holdfast.call('release', 'docs', '--holder', 'agent-f', '--token', tokenOf(answer))
}

/** A worker that only beats is judged SPINNING; a HALT stops it, and both halves of that are in the log. */
export async function spin(stage: Stage): Promise<readonly unknown[]> {
  const { holdfast, log, say, policy } = stage
  say('agent-g holds the lane ideas and only narrates')
  const run = holdfast.run('ideas', ['--holder', 'agent-g'], 'narrate', ENDLESS_S)
  await log.seen('ACQUIRE', data => data['lane'] === 'ideas', PATIENCE_MS)
  const verdicts = await judgedSpinning(holdfast, policy)
  say('agent-g is judged SPINNING: beats and no work; it is halted')
  await holdfast.call('halt', 'stop-narrating', '--lane', 'ideas', '--reason', 'beats, but no work')
  await run.ended
  return verdicts
}

async function judgedSpinning(holdfast: Holdfast, policy: string): Promise<readonly unknown[]> {
  const untilMs = Date.now() + PATIENCE_MS
  while (Date.now() < untilMs) {
    const { answer } = await holdfast.ask('liveness', '--config', policy)
    const found = listOf(field(answer, 'liveness')).filter(
      one => field(one, 'verdict') === 'SPINNING' && field(one, 'lane') === 'ideas',
    )
    if (found.length > 0) return found
    await sleep(500)
  }
  return []
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function tokenOf(answer: unknown): string {
  const token = field(field(answer, 'lease'), 'token')
  if (typeof token !== 'number') throw new Error(`no token in ${JSON.stringify(answer)}`)
  return String(token)
}

function pidOfFirst(children: unknown): number {
  const pid = field(listOf(children)[0], 'pid')
  if (typeof pid !== 'number') throw new Error('the child is not recorded')
  return pid
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
