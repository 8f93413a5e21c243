import { ExitStatus, LeaseId, ProcessIdentity, Token } from '@holdfast/core'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { Refused } from './refused.ts'
import { warnings } from './warnings.ts'

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
  detail: z.string(),
  warnings,
})
export type RunAnswer = Readonly<z.infer<typeof RunAnswer>>
