import { randomUUID } from 'node:crypto'
import type { AcquireOutcome, CommandId, EpochMs, LogEntry, PredicateVerdict, Refused } from '@holdfast/core'
import type { AcquireCommand } from '@holdfast/core/internal'
import type { BootClock, LogStore } from '@holdfast/store'
import { pause, type Timers } from '../clock/timers.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { Sender } from '../pipeline/sender.ts'
import type { Sent, WaitLimits } from './wait-limits.ts'
import type { Tail } from './tail.ts'

/** A request that holds no place in the line is asked again at least this often. */
const RETRY_WITHOUT_PLACE_MS = 1000

/** A boundary is passed by this much, so that it is over when the decision looks at it. */
const PAST_BOUNDARY_MS = 1

export interface WaitContext {
  readonly store: LogStore
  readonly stream: string
  readonly pipeline: Pipeline
  readonly tail: Tail
  readonly timers: Timers
  readonly boot: BootClock
  /** For whom it waits, if it is not this process. */
  readonly sender?: Sender | undefined
}

type Waited = AcquireOutcome | QueueFull

/**
 * Asks for a lease until it is granted, the span is over, or `signal` aborts; then gives up the place in the line and
 * answers with the last refusal. Between two decisions it sleeps until something can have changed: an event that frees
 * something, the end of a blocker, the refresh of its place. Expiry appends no event, so listening alone would sleep
 * for ever.
 */
export async function waitForLease(
  context: WaitContext,
  command: AcquireCommand,
  limits: WaitLimits,
): Promise<Sent<Waited>> {
  const untilBootMs = context.boot.nowMs() + limits.spanMs
  let last: Sent<Waited> | null = null
  for (;;) {
    const freed = new FreeingEvent(context)
    try {
      const sent: Sent<Waited> =
        (await stillRefused(context, command, limits)) ?? (await send(context, command, limits.predicates))
      if (sent.outcome.outcome !== 'refused' || !worthWaiting(command, sent.outcome)) return sent
      last = sent
      const leftMs = untilBootMs - context.boot.nowMs()
      if (leftMs <= 0 || limits.signal?.aborted === true) return await giveUp(context, command, sent)
      const nowMs = await context.store.now(context.stream)
      limits.onRefused?.(sent.outcome, nowMs)
      const sleepMs = Math.min(leftMs, sleepFor(sent.outcome, nowMs))
      await freed.within(context.timers, sleepMs, limits.signal)
    } catch (error) {
      // Nothing is decided for one who is gone; the place in the line would keep others out until it expires.
      if (last !== null && context.sender?.isGone?.() === true) await giveUp(context, command, last)
      throw error
    } finally {
      freed.stop()
    }
  }
}

/**
 * The refusal again, seen without asking the store: many waiters wake for one event and most of them still wait. Only a
 * look while the log is heard, and only a refusal that would append nothing, can stand for a decision.
 */
async function stillRefused(
  context: WaitContext,
  command: AcquireCommand,
  limits: WaitLimits,
): Promise<Sent<Waited> | null> {
  if (context.tail.failure !== null || command.policy !== 'one') return null
  const sentAtBootMs = context.boot.nowMs()
  const nowMs = await context.store.now(context.stream)
  const outcome = context.pipeline.peek<'acquire'>(command, nowMs, limits.predicates)
  return outcome?.outcome === 'refused' && outcome.ticket !== undefined ? { outcome, sentAtBootMs } : null
}

async function send(
  context: WaitContext,
  command: AcquireCommand,
  predicates: readonly PredicateVerdict[] | undefined,
): Promise<Sent<Waited>> {
  const sentAtBootMs = context.boot.nowMs()
  const { pipeline, sender } = context
  const asked = { ...command, commandId: newCommandId() }
  const outcome = await pipeline.submit<'acquire'>(asked, predicates, { sender })
  return { outcome, sentAtBootMs }
}

/** Several lanes hold no place, yet may wait for what can end; a single one waits only with a place. */
function worthWaiting(command: AcquireCommand, refused: Refused): boolean {
  if (refused.ticket !== undefined) return true
  if (command.policy === 'one') return refused.code === 'queue-full'
  return refused.code !== 'self-conflict' && refused.code !== 'unknown-lane' && refused.code !== 'predicate-refused'
}

function sleepFor(refused: Refused, nowMs: EpochMs): number {
  const ends = refused.blockers.flatMap(({ until }) => (until === undefined ? [] : [until]))
  const refresh = refused.ticket?.refreshAtMs ?? nowMs + RETRY_WITHOUT_PLACE_MS
  const next = Math.min(refresh, ...ends.filter(end => end > nowMs), refused.earliestRetryAt ?? refresh)
  return Math.max(0, next - nowMs) + PAST_BOUNDARY_MS
}

/** The last refusal without its place in the line, which is given up. */
async function giveUp(context: WaitContext, command: AcquireCommand, last: Sent<Waited>): Promise<Sent<Waited>> {
  const { outcome, sentAtBootMs } = last
  if (command.requestId === undefined || outcome.outcome !== 'refused' || outcome.ticket === undefined) return last
  const { holder, requestId } = command
  const withdrawal = {
    type: 'withdraw',
    commandId: newCommandId(),
    holder,
    requestId,
    reason: 'gave up waiting',
  } as const
  // The place of one who is gone is given up all the same.
  const sender = context.sender && { ...context.sender, isGone: undefined }
  await context.pipeline.submit<'withdraw'>(withdrawal, [], { sender })
  const { ticket: _given, ...refused } = outcome
  return { outcome: refused, sentAtBootMs }
}

function newCommandId(): CommandId {
  return randomUUID() as string as CommandId
}

/** Listens, from its construction on, for an event that can free something. */
class FreeingEvent {
  #seen = false
  #wake: (() => void) | null = null
  readonly stop: () => void

  constructor({ tail }: WaitContext) {
    this.stop = tail.listen(entries => {
      if (!entries.some(canFree)) return
      this.#seen = true
      this.#wake?.()
    })
  }

  async within(timers: Timers, spanMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#seen) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await pause(timers, spanMs, signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]))
  }
}

/** Refusals and plain beats free nothing; waking for them would answer each with another. */
function canFree(entry: LogEntry): boolean {
  switch (entry.type) {
    case 'RELEASE':
    case 'SCAVENGE':
    case 'CHECKPOINT':
      return true
    case 'REFUSE':
      return entry.data.code === 'withdrawn'
    case 'ACQUIRE':
    case 'ADOPT':
    case 'HEARTBEAT':
    case 'HALT':
    case 'SPAWN':
    case 'UNRECOGNISED':
      return false
  }
}
