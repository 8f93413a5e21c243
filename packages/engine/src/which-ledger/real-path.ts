import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { StoreError } from '@holdfast/store'

/** A folder by its real path. Throws `unavailable` where it cannot be reached. */
export function realPathOf(folder: string): string {
  try {
    return realpathSync(resolve(folder))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('unavailable', `The folder ${folder} cannot be used: ${why}.`, { cause })
  }
}
