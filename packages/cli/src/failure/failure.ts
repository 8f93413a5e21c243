import type { InputError } from '@holdfast/engine/lean'
import type { StoreErrorCode } from '@holdfast/store'
import { EXIT } from './exit-code.ts'
import type { UsageError } from './usage-error.ts'

/** How an error is told: a code for scripts, a sentence for people, and the number to end with. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly exitCode: number
}

/** Reads an error by its name and code: it may come from a part of the program that has classes of its own. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'unexpected', message: String(error), exitCode: EXIT.unexpected }
  if (isUsageError(error)) return { code: error.code, message: error.message, exitCode: EXIT.usage }
  if (isInputError(error)) return { code: error.code, message: sentence(error.message), exitCode: EXIT.usage }
  if (error.name === 'StoreError' && 'code' in error && isStoreCode(error.code)) {
    return { code: error.code, message: sentence(error.message), exitCode: EXIT_OF_STORE[error.code] }
  }
  if ('code' in error && error.code === 'server-there') {
    return { code: error.code, message: sentence(error.message), exitCode: EXIT.refused }
  }
  if (error.name === 'HeartbeatError' && 'code' in error && error.code === 'beat-too-large') {
    return { code: 'invalid-input', message: sentence(error.message), exitCode: EXIT.usage }
  }
  if (isPlaceOutOfReach(error)) {
    return { code: 'unavailable', message: sentence(error.message), exitCode: EXIT.unavailable }
  }
  if (areDescriptorsOut(error)) {
    const message = `This process has no file descriptor left (${error.message}). Raise the limit (\`ulimit -n\`) and try again.`
    return { code: 'unavailable', message, exitCode: EXIT.unavailable }
  }
  const message = `Something unexpected went wrong: ${error.message} (HOLDFAST_DEBUG=1 shows where).`
  return { code: 'unexpected', message, exitCode: EXIT.unexpected }
}

const EXIT_OF_STORE: Readonly<Record<StoreErrorCode, number>> = {
  'no-ledger': EXIT.unavailable,
  unavailable: EXIT.unavailable,
  'timeout-unknown-outcome': EXIT.unavailable,
  'clock-mismatch': EXIT.unavailable,
  corrupt: EXIT.untrusted,
  foreign: EXIT.untrusted,
  'ledger-newer': EXIT.untrusted,
  moved: EXIT.untrusted,
  backup: EXIT.untrusted,
  invalid: EXIT.usage,
}

function isStoreCode(code: unknown): code is StoreErrorCode {
  return typeof code === 'string' && Object.hasOwn(EXIT_OF_STORE, code)
}

function isUsageError(error: Error): error is UsageError {
  return error.name === 'UsageError' && 'code' in error && error.code === 'usage'
}

function isInputError(error: Error): error is InputError {
  return error.name === 'InputError' && 'code' in error && error.code === 'invalid-input'
}

/** Like a store that is out of reach: the same command is right once the place can be written, or listed. */
function isPlaceOutOfReach(error: Error): boolean {
  if (!('code' in error)) return false
  if (error.name === 'ConfinementError') return true
  const unreadable = error.name === 'PresenceError' && error.code === 'unreadable-folder'
  return unreadable || (error.name === 'HeartbeatError' && error.code === 'beat-failed')
}

/** Any file can be the one too many, a module of this program included. */
function areDescriptorsOut(error: Error): boolean {
  return 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
}

/** One line that ends with a full stop, whatever it was made of. */
function sentence(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ').trim()
  return /[.!?]$/.test(line) ? line : `${line}.`
}
