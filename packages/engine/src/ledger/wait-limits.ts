import type { EpochMs, PredicateVerdict, Refused } from '@holdfast/core'

/** An outcome, and when the command that it answers was first sent, on the boot clock; `null`: not known. */
export interface Sent<O> {
  readonly outcome: O
  readonly sentAtBootMs: number | null
}

/** How long to wait, and what each decision is to know besides. */
export interface WaitLimits {
  readonly spanMs: number
  readonly signal?: AbortSignal | undefined
  readonly predicates?: readonly PredicateVerdict[] | undefined
  readonly onRefused?: ((refused: Refused, nowMs: EpochMs) => void) | undefined
}
