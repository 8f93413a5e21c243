import {
  judgeWrites,
  type Holder,
  type LedgerState,
  type OwnClock,
  type Token,
  type WriteVerdict,
} from '@holdfast/core'
import { isSameLane, type TreeOf } from '@holdfast/core/internal'
import type { GuardedPath } from './guarded-path.ts'
import type { GuardSettings } from './guard-settings.ts'
import { isTemporary } from './temporary-folder.ts'

export interface Writer {
  /** `null`: nobody says who writes, so every claim is somebody else's. */
  readonly holder: Holder | null
  readonly token?: Token | undefined
  /** The lane that the token speaks of; absent: it speaks of every lease of the holder. */
  readonly tokenLane?: string | undefined
  /** The work tree that is written in; absent or `null`: unknown. */
  readonly workTree?: TreeOf
}

/** The answer for one place that would be written. */
export type WriteAnswer =
  | (WriteVerdict & { readonly given: string; readonly permitted: 'yes' | 'warn' | 'no' })
  | {
      readonly given: string
      readonly path: string
      readonly verdict: 'outside'
      readonly basis: 'outside-root'
      readonly permitted: 'yes' | 'warn' | 'no'
    }

const PERMITTED = { allow: 'yes', warn: 'warn', refuse: 'no', claim: 'no' } as const

/** Decides every place: leases first, then the local policy for what no lease speaks of. A sample, as `judgeWrites`. */
export function checkWrites(
  state: LedgerState,
  request: {
    readonly writer: Writer
    readonly paths: readonly GuardedPath[]
    readonly policy: Pick<GuardSettings, 'unclaimed' | 'outside' | 'temporary'>
    readonly nowMs: number
    /** What whoever checks has watched, where the log clock can step. */
    readonly ownClock?: OwnClock | undefined
  },
): WriteAnswer[] {
  const { writer, paths, policy, nowMs, ownClock } = request
  const judge = (path: string, token: Token | undefined): WriteVerdict[] =>
    judgeWrites(state, { holder: writer.holder, workTree: writer.workTree, token, paths: [path], nowMs, ownClock })
  return paths.flatMap(({ given, inside, outside }) => {
    const judged = inside.flatMap(path =>
      judge(path, writer.token)
        .flatMap(verdict => (isOfAnotherLane(verdict, writer, state.config) ? judge(path, undefined) : [verdict]))
        .map(verdict => ({ ...verdict, given, permitted: permitted(verdict, policy) })),
    )
    const elsewhere = outside.map(path => {
      const about = { given, path, verdict: 'outside', basis: 'outside-root' } as const
      return { ...about, permitted: PERMITTED[isTemporary(path) ? policy.temporary : policy.outside] }
    })
    return [...judged, ...elsewhere]
  })
}

/** The environment of `run` tells the token of one lane, and says nothing about the holder's other leases. */
function isOfAnotherLane(verdict: WriteVerdict, { tokenLane }: Writer, config: LedgerState['config']): boolean {
  return tokenLane !== undefined && verdict.basis === 'stale-token' && !isSameLane(verdict.lane, tokenLane, config)
}

function permitted(verdict: WriteVerdict, { unclaimed }: Pick<GuardSettings, 'unclaimed'>): 'yes' | 'warn' | 'no' {
  if (verdict.verdict === 'allowed') return 'yes'
  return verdict.verdict === 'refused' ? 'no' : PERMITTED[unclaimed]
}
