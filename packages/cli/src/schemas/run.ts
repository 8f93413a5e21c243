import { ExitStatus, LeaseId, ProcessIdentity, Token } from '@holdfast/core'
import { MERGE_RISKS_MAX } from '@holdfast/core/internal'
import { atLedger, MergeRiskJson, Refused, warnings } from '@holdfast/server/schemas'
import * as z from 'zod'

/**
 * What became of a run: `--report FILE` holds it, and with `--json` it is the last line on standard error. Where the
 * store could not be used both are a `FailureAnswer` instead.
 */
export const RunAnswer = z.object({
  ...atLedger,
  outcome: z.enum(['ended', 'halted', 'lost', 'not-admitted', 'not-found', 'not-executable', 'failed']),
  exitCode: z.int(),
  lane: z.string(),
  holder: z.string(),
  runId: z.string(),
  leaseId: LeaseId.nullable(),
  token: Token.nullable(),
  child: ProcessIdentity.nullable(),
  exit: ExitStatus.nullable(),
  refusal: Refused.nullable(),
  /** What the grant overlaps with in other work trees, as in the answer of `acquire`. */
  mergeRisks: z.array(MergeRiskJson).max(MERGE_RISKS_MAX),
  moreMergeRisks: z.int().nonnegative(),
  detail: z.string(),
  warnings,
})
export type RunAnswer = Readonly<z.infer<typeof RunAnswer>>
