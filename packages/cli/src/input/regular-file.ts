import { accessSync, constants, statSync } from 'node:fs'
import { UsageError } from '../failure/usage-error.ts'

/** Demands a plain file that can be read, before anything is opened: one that is read more than once can be no pipe. */
export function demandRegularFile(file: string, consequence: string): void {
  let isFile: boolean
  try {
    isFile = statSync(file).isFile()
    accessSync(file, constants.R_OK)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read; ${consequence}.`, { cause })
  }
  if (isFile) return
  throw new UsageError(`${file} is a folder, a pipe or a device; ${consequence}. Write it into a file first.`)
}
