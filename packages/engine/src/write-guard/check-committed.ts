import type { LedgerState, OwnClock } from '@holdfast/core'
import { judgeCommitted, type CommittedRefusal } from '@holdfast/core/internal'
import type { Writer } from './check-writes.ts'
import type { CommittedFiles } from './committed-files.ts'
import type { GuardedPath } from './guarded-path.ts'

/** A file of a commit that may not be published, for a claim of somebody else began before it. */
export interface CommittedAnswer extends CommittedRefusal {
  readonly given: string
  readonly permitted: 'no'
  readonly commit: string
  readonly madeByMs: number
}

/**
 * Which of the files that commits have changed lie in claims of others that began before. Commits are dated by the clock
 * of the system, claims by that of the log: where the log clock is ahead (the system's was set back), or may step, a commit
 * counts as later by that much. A sample, as `judgeCommitted`.
 */
export function checkCommitted(
  state: LedgerState,
  request: {
    readonly writer: Pick<Writer, 'holder' | 'workTree'>
    readonly paths: readonly GuardedPath[]
    /** By the name that was given. */
    readonly files: CommittedFiles
    readonly nowMs: number
    readonly ownClock?: OwnClock | undefined
    /** The clock of the system. */
    readonly wallMs: number
  },
): readonly CommittedAnswer[] {
  const { writer, paths, files, nowMs, ownClock, wallMs } = request
  const aheadMs = Math.max(0, nowMs - wallMs) + (ownClock === undefined ? 0 : state.config.clockStepBoundMs)
  return paths.flatMap(({ given, inside }) => {
    const file = files.get(given)
    if (file === undefined) return []
    const changes = inside.map(path => ({ path, madeByMs: file.madeByMs + aheadMs }))
    const refusals = judgeCommitted(state, { ...writer, changes, nowMs, ownClock })
    return refusals.map(refusal => ({ ...refusal, ...file, given, permitted: 'no' as const }))
  })
}
