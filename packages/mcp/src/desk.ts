import type { EpochMs, Lease, LedgerState, WorkTree } from '@holdfast/core'
import type { GuardedPath, GuardSettings, WriteAnswer } from '@holdfast/engine/write-guard'
import type { Asker, Right, ServedLedger } from '@holdfast/server'
import type { Session } from './session.ts'

/** Lanes and holders that a call touches; `rights` says how. */
export interface CallNeed {
  readonly rights: readonly Right[]
  readonly lanes?: readonly string[]
  readonly holders?: readonly string[]
}

/** Where the tools of one session work, and what it may do there. Standard input and output, and HTTP, each make one. */
export interface Desk {
  readonly session: Session
  /** As whom it acts. Throws `NotAllowed` where nobody says so. */
  readonly holder: () => string
  /** The ledger. `make`: a first write may make one. Rejects with a `StoreError`. */
  readonly open: (make: boolean) => Promise<ServedLedger>
  readonly asker: () => Asker
  /** Whether a grant that is told again was given to whoever asks, and not to another under the same request id. */
  readonly wasGranted: (lease: Pick<Lease, 'token'>, served: ServedLedger) => Promise<boolean>
  /** What paths are relative to. */
  readonly root: string
  readonly workTree: WorkTree | null
  /** Throws `NotAllowed`, and says what is lacking. */
  readonly demand: (need: CallNeed) => void
  /** Paths and globs as a region that is relative to the root. Throws for what lies outside. */
  readonly region: (given: Given) => readonly string[] | undefined
  /** Where paths lead. Throws for what is no path. */
  readonly places: (paths: readonly string[]) => readonly GuardedPath[]
  /** What the ledgers of other repositories refuse of these places. */
  readonly refusedElsewhere: (places: readonly GuardedPath[], holder: string) => Promise<readonly WriteAnswer[]>
  readonly policy: Pick<GuardSettings, 'unclaimed' | 'outside' | 'temporary'>
  /** Runs what lasts; its signal aborts when nobody waits for it any more. */
  readonly lasting: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Told of what nobody expected. */
  readonly failed: (error: unknown) => void
}

export interface Given {
  readonly paths?: readonly string[] | undefined
  readonly globs?: readonly string[] | undefined
}

/** What a tool works with: the ledger as it is at the beginning of the call. */
export interface At {
  readonly desk: Desk
  readonly served: ServedLedger
  readonly state: LedgerState
  readonly nowMs: EpochMs
  /** Aborts when the call is cancelled. */
  readonly cancelled: AbortSignal
}

/** The lane of a claim: as it was named, else after the first path or glob. `undefined`: nothing was named. */
export function laneOf(
  { lane, paths, globs }: Given & { readonly lane?: string | undefined },
  desk: Desk,
): string | undefined {
  if (lane !== undefined) return lane
  const [first] = paths ?? []
  return first === undefined ? globs?.[0] : desk.region({ paths: [first] })?.[0]
}
