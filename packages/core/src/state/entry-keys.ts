import type { Holder, Lane, LeaseId, RequestId, RunId, Token } from '../ids.ts'

// Names hold no control characters, so a line feed between two of them is unambiguous.

/** A request is the holder's: another holder's equal id is another request. */
export function requestKey(holder: Holder, requestId: RequestId): string {
  return `${requestId}\n${holder}`
}

/** One entry for each ownership that was ended by force: a lease can leave several. */
export function drainingKey(leaseId: LeaseId, token: Token): string {
  return `${token}\n${leaseId}`
}

export function attemptKey(lane: Lane, runId: RunId): string {
  return `${lane}\n${runId}`
}

interface Spawned {
  readonly lane: Lane
  readonly holder: Holder
  readonly runId?: RunId | undefined
}

/** The key of a start intent: its run where it has one, else its holder. */
export function spawnKey(spawn: Spawned): string {
  return spawn.runId === undefined ? `${spawn.lane}\n\n${spawn.holder}` : `${spawn.lane}\n${spawn.runId}`
}

/** The start intents that an ACQUIRE fulfils. */
export function spawnKeys(acquired: Spawned): readonly string[] {
  const { lane, holder, runId } = acquired
  const byHolder = spawnKey({ lane, holder })
  return runId === undefined ? [byHolder] : [byHolder, spawnKey({ lane, holder, runId })]
}
