import { closeSync, existsSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { openBeside } from '@holdfast/store/internal'
import { InputError } from '../input-error.ts'

/** Size at which the log of bypasses is put aside as `.1`; so it takes twice this at most. */
const LOG_BYTES_MAX = 1024 * 1024

/** The environment variable that opens the guard. */
export const BYPASS_VARIABLE = 'HOLDFAST_GUARD'

/**
 * Whether the guard is switched off.
 *
 * @throws InputError for a value that means nothing: a misspelt way out must not look like one.
 */
export function isBypassed(environment: NodeJS.ProcessEnv): boolean {
  const value = environment[BYPASS_VARIABLE] ?? ''
  if (value === 'off') return true
  if (value === '' || value === 'on') return false
  throw new InputError([{ path: BYPASS_VARIABLE, message: `${JSON.stringify(value)} means nothing; write off or on` }])
}

/** One write that the guard let through unseen. */
export interface Bypass {
  readonly at: string
  readonly holder: string | null
  readonly hook: string | null
  readonly directory: string
  readonly pid: number
  readonly paths: readonly string[]
}

/** Records a bypass as a line of JSON beside the store. Answers the file, or `null` when there is no such place. */
export function recordBypass(storeUrl: string, bypass: Bypass): string | null {
  const database = /^sqlite:(.+)$/i.exec(storeUrl)?.[1]
  if (database === undefined || !existsSync(dirname(database))) return null
  const file = `${database}.guard.log`
  try {
    if (existsSync(file) && statSync(file).size >= LOG_BYTES_MAX) renameSync(file, `${file}.1`)
    // Made for those who may write the ledger, and by none but them.
    const log = openBeside(database, file, 'append')
    try {
      writeSync(log, `${JSON.stringify(bypass)}\n`)
    } finally {
      closeSync(log)
    }
    return file
  } catch {
    // The caller says on standard error what could not be recorded here.
    return null
  }
}
