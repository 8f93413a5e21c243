import { EXIT } from '../failure/exit-code.ts'
import { failureOf } from '../failure/failure.ts'
import type { Ledger } from '@holdfast/engine/lean'
import {
  beatSession,
  beginSession,
  endWait,
  releaseSession,
  waitForHuman,
  waitOf,
  type LongRun,
} from '@holdfast/engine/sessions'
import type { AgentCall } from './agent-call.ts'
import type { Worker } from './who-works.ts'

/** A call that may take longer is announced, so that its leases last. */
const LONG_RUN_MS = 2 * 60_000

export interface Upkeep {
  /** The session has ended, and holds nothing any more. */
  readonly isOver: boolean
  /** What could not be done; `null`: nothing. An edit is judged all the same. */
  readonly fault: string | null
}

/** Does what an event of a session is evidence for: begins it, beats its leases, notes that it waits for a human, ends it. */
export async function keepUp(ledger: Ledger, worker: Worker, { hook }: Pick<AgentCall, 'hook'>): Promise<Upkeep> {
  const { kind } = hook.seen
  const isOver = kind === 'session-end' || kind === 'subagent-end'
  try {
    await (isOver ? end(ledger, worker) : goOn(ledger, worker, hook))
    return { isOver, fault: null }
  } catch (error) {
    const failure = failureOf(error)
    if (failure.exitCode === EXIT.unexpected) throw error
    return { isOver: false, fault: failure.message }
  }
}

async function end(ledger: Ledger, { name }: Worker): Promise<void> {
  const nowMs = await ledger.now()
  const waits = waitOf(ledger, name, nowMs) !== null
  await Promise.all([releaseSession(ledger, name, 'the session has ended'), ...(waits ? [endWait(ledger, name)] : [])])
}

async function goOn(ledger: Ledger, { name, parent, isNew }: Worker, hook: AgentCall['hook']): Promise<void> {
  const { kind, waits = 'permission', detail } = hook.seen
  const nowMs = await ledger.now()
  const wait = waitOf(ledger, name, nowMs)
  const work: Promise<unknown>[] = []
  if (kind === 'waiting') {
    const said = { for: waits, ...(detail === undefined ? {} : { detail }) }
    // A wait is evidence of nothing but itself: no lease is beaten for it.
    if (wait?.for !== said.for || wait.detail !== said.detail) work.push(waitForHuman(ledger, name, said))
  } else {
    if (isNew) work.push(beginSession(ledger, name))
    if (wait !== null && kind !== 'other' && kind !== 'unknown') work.push(endWait(ledger, name))
    const ends = kind === 'after-tool' && hook.shell !== null
    const names = parent === null ? [name] : [name, parent]
    work.push(beatSession(ledger, names, { nowMs, run: longRun(hook), ends }))
  }
  await Promise.all(work)
}

function longRun({ seen, shell, request }: AgentCall['hook']): LongRun | null {
  if (seen.kind !== 'before-tool' || shell?.timeoutMs === undefined || shell.timeoutMs <= LONG_RUN_MS) return null
  const command = shell.command.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim()
  return { label: `${request.tool}: ${command}`, spanMs: shell.timeoutMs }
}
