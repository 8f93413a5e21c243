import { RefusalCode } from '@holdfast/core'
import type { StoreErrorCode } from '@holdfast/store'
import { InputError } from '../input-error.ts'

const STORE_CODES = [
  'no-ledger',
  'unavailable',
  'timeout-unknown-outcome',
  'corrupt',
  'foreign',
  'ledger-newer',
  'moved',
  'backup',
  'clock-mismatch',
  'invalid',
] as const satisfies readonly StoreErrorCode[]

/** Codes that are told apart; anything else, such as that of a newer server, is `other`. */
const KNOWN: ReadonlySet<string> = new Set<string>([...RefusalCode.options, ...STORE_CODES, 'not-founded'])

/** The code of an outcome. */
export function outcomeCode(outcome: object): string {
  if (!('code' in outcome)) return 'none'
  return typeof outcome.code === 'string' && KNOWN.has(outcome.code) ? outcome.code : 'other'
}

/** The code of what was thrown. By its code alone: the class may be there twice. */
export function errorCode(error: unknown): string {
  if (error instanceof InputError) return 'invalid-input'
  return error instanceof Error && 'code' in error ? outcomeCode(error) : 'unexpected'
}
