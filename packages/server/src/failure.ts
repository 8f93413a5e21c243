import { InputError } from '@holdfast/engine'
import type { Failure } from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'

/** Characters of a failure's text, and faults, that are told at most: what was sent may be repeated in them. */
export const TEXT_MAX = 2_000
const FAULTS_MAX = 64

/** An answer that fits no frame. A command was decided: its sender looks at the store for what became of it. */
export const TOO_LONG: Failure = { code: 'invalid', message: 'The answer fits no frame. Ask for less.' }
export const DONE_TOO_LONG: Failure = { ...TOO_LONG, code: 'too-long' }

export function failureOf(error: unknown): Failure {
  const told = (error instanceof Error ? error.message : String(error)).slice(0, TEXT_MAX)
  if (error instanceof InputError) {
    const faults = error.faults.slice(0, FAULTS_MAX)
    const cut = faults.map(({ path, message }) => ({
      path: path.slice(0, TEXT_MAX),
      message: message.slice(0, TEXT_MAX),
    }))
    return { code: error.code, message: told, faults: cut }
  }
  if (error instanceof StoreError) {
    const { code, detail } = error
    return detail === undefined ? { code, message: told } : { code, message: told, detail }
  }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected'
  return { code, message: told }
}
