import { judgeWrites, type WriteVerdict } from '../admission/judge-writes.ts'
import { heaviestCode, withoutRepeats, type Obstacle } from '../admission/obstacle.ts'
import type { Surroundings } from '../evidence.ts'
import type { EpochMs, Lane } from '../ids.ts'
import { WITNESS_LENGTH_MAX, type Blocker, type RecordedRequest } from '../refuse-event.ts'
import { editLane } from '../region/edit-lane.ts'
import { escapeGlob, pathFault } from '../region/index.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { WriteCommand } from './command.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { WriteOutcome } from './outcome.ts'
import { refuse } from './refusal.ts'
import { closedToAll } from './writability.ts'

type RefusedWrite = Extract<WriteVerdict, { readonly verdict: 'refused' }>

/**
 * Judges writes on the head of the log, and records a refusal where the claim of somebody else is in the way: that two
 * wanted one file is worth knowing. What is wrong with the writer's own lease concerns nobody else, and is not recorded.
 */
export function decideWrite(state: LedgerState, command: WriteCommand, around: Surroundings): Decision<WriteOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const nowMs = decisionTime(state, around.nowMs)
  const { holder, paths, workTree, reason } = command
  const verdicts = judgeWrites(state, { holder, paths, workTree, nowMs, ownClock: around.ownClock })
  const refused = verdicts.filter(verdict => isOthers(verdict))
  const [first, ...others] = refused.map(obstacleOf)
  if (first === undefined) return final({ outcome: 'permitted' })
  const obstacles = withoutRepeats([first, ...others])
  // No time frees a file by itself: an expired lease still refuses, until somebody claims the file in its place.
  const why = { code: heaviestCode(first, others), obstacles, freeAtMs: null, reason }
  return refuse(state, { ...why, request: recorded(command, refused) }, nowMs)
}

function isOthers(verdict: WriteVerdict): verdict is RefusedWrite {
  return verdict.verdict === 'refused' && (verdict.basis === 'held-by-other' || verdict.basis === 'draining')
}

function obstacleOf({ path, basis, leaseId, token, lane, holder, untilMs }: RefusedWrite): Obstacle {
  const code = basis === 'draining' ? 'draining' : 'region-held'
  const blocker: Blocker = { leaseId, token, lane, holder, code }
  if (path.length <= WITNESS_LENGTH_MAX) blocker.witness = path
  if (Number.isSafeInteger(untilMs)) blocker.until = untilMs as EpochMs
  return { code, freeAtMs: untilMs, own: false, order: token, blocker, workTree: null }
}

/** The files that were refused, each as the claim that would have covered it. */
function recorded({ holder, workTree }: WriteCommand, refused: readonly RefusedWrite[]): RecordedRequest {
  const claims = refused.map(({ path }) => ({
    lane: editLane(path) as Lane,
    mode: 'exclusive' as const,
    region: pathFault(path) === null ? [escapeGlob(path)] : [],
    kind: null,
  }))
  return {
    op: 'write',
    ...(holder === null ? {} : { holder }),
    policy: claims.length === 1 ? 'one' : 'all',
    claims,
    ...(workTree ? { workTree } : {}),
  }
}
