import { parseCommand, type Claim } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { InputError, systemProbe, systemTimers } from '@holdfast/engine'
import { laneBlockers, type LaneBlockers } from '@holdfast/projections'
import { laneBlockers$ } from '@holdfast/projections/streams'
import { StoreError } from '@holdfast/store'
import { laneOf, type At } from './desk.ts'
import type { WaitInput } from './tools.ts'
import type { Step, Told } from './told.ts'
import { blockerWords, inTheWay, timeOf } from './words.ts'

/** How long is waited where the call does not say. */
const WAIT_S = 30

const BLOCKERS_NAMED_MAX = 5

/** Stands where a request names who asks: a question has nobody. */
const SOMEBODY = { commandId: '00000000-0000-4000-8000-000000000000', holder: '(nobody)' } as const

/** `wait`: until a claim would be granted. It takes no place in the line and holds nothing afterwards. */
export async function wait(input: WaitInput, at: At): Promise<Told> {
  const { desk, cancelled } = at
  desk.demand({ rights: ['read'] })
  const claim = claimOf(input, at)
  const spanMs = (input.seconds ?? WAIT_S) * 1000
  const seen = await desk.lasting(signal =>
    untilFree(at, claim, AbortSignal.any([signal, cancelled, AbortSignal.timeout(spanMs)])),
  )
  if (seen.closed !== null) throw new StoreError('invalid', seen.closed.message)
  const { free, blockers, moreBlockers, freeAtMs, code } = seen
  const wanted = { ...(input.lane === undefined ? {} : { lane: input.lane }), ...pathsOf(input) }
  const ask: Step = {
    tool: 'claim',
    arguments: { ...wanted, request_id: `claim-${claim.lane.slice(0, 80)}` },
    why: free ? 'take it now; another one may be faster' : 'wait in line for it instead',
  }
  if (free) return { free, text: 'Free now. Nothing is held for you: claim it.', next: [ask] }
  const words = blockers.slice(0, BLOCKERS_NAMED_MAX).map(blockerWords)
  if (moreBlockers > 0) words.push(`${moreBlockers} more are in the way`)
  const end = freeAtMs === null ? 'No time frees it.' : `If nobody renews it, it is free at ${timeOf(freeAtMs)}.`
  return {
    free,
    in_the_way: blockers.slice(0, BLOCKERS_NAMED_MAX).map(inTheWay),
    text: `Not free yet (${code ?? 'held'}): ${words.join('; ')}. ${end}`,
    next: [
      { ...ask, arguments: { ...ask.arguments, wait_seconds: 45 } },
      { tool: 'wait', arguments: { ...wanted, seconds: 45 }, why: 'wait on without a place in the line' },
    ],
    ...(freeAtMs === null ? {} : { until: timeOf(freeAtMs) }),
  }
}

function pathsOf({ paths, globs }: WaitInput) {
  return { ...(paths === undefined ? {} : { paths }), ...(globs === undefined ? {} : { globs }) }
}

/** The claim that is asked about, read as a request for it would be. */
function claimOf(input: WaitInput, { desk, state }: At): Claim {
  const lane = laneOf(input, desk)
  if (lane === undefined) throw new InputError([{ path: 'paths', message: 'name paths, globs or a lane' }])
  const region = [...(desk.region(input) ?? [])]
  const parsed = parseCommand(
    { type: 'acquire', ...SOMEBODY, claims: [{ lane, region, kind: null, mode: 'exclusive' }] },
    state.config,
  )
  const claim = parsed.ok ? parsed.command.claims[0] : undefined
  if (claim !== undefined) return { ...claim, workTree: desk.workTree }
  throw new InputError(parsed.ok ? [] : parsed.faults)
}

/** What is in the way: nothing, or whatever still is when it ends before. What the session holds itself no waiting ends. */
function untilFree(at: At, claim: Claim, ends: AbortSignal): Promise<LaneBlockers> {
  const { served, state, nowMs } = at
  const { store, stream } = served.hosted.ledger
  const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
  return new Promise((resolve, reject) => {
    let seen = laneBlockers(state, { claim, nowMs, ownClock, probe: systemProbe })
    if (isSettled(seen, at)) {
      resolve(seen)
      return
    }
    const settle = (): void => {
      watching.unsubscribe()
      ends.removeEventListener('abort', settle)
      resolve(seen)
    }
    const options = { claim, timers: systemTimers, probe: systemProbe }
    const watching = laneBlockers$(store, stream, options).subscribe({
      next: now => {
        seen = now
        // What comes at once comes before there is anything to end.
        if (isSettled(seen, at)) queueMicrotask(settle)
      },
      error: reject,
    })
    ends.addEventListener('abort', settle, { once: true })
    if (ends.aborted) settle()
  })
}

function isSettled(seen: LaneBlockers, { desk, state }: At): boolean {
  const isOwn = seen.blockers.some(({ leaseId, token }) => {
    const lease = leaseId === null ? undefined : state.leases.get(leaseId)
    return lease !== undefined && lease.token === token && desk.session.owns(lease, state)
  })
  return seen.free || seen.closed !== null || seen.code === 'unknown-lane' || isOwn
}
