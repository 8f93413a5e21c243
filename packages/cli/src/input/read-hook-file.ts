import { HookShape } from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'
import { allFaults } from './faults.ts'
import { readJson } from './read-json.ts'
import { demandRegularFile } from './regular-file.ts'

/** Reads a hook's shape from a JSON file. */
export async function readHookFile(file: string): Promise<HookShape> {
  demandRegularFile(file, 'no hook was read')
  const parsed = HookShape.safeParse(await readJson(file))
  if (parsed.success) return parsed.data
  throw new UsageError(`The hook in ${JSON.stringify(file)} is wrong at ${allFaults(parsed.error)}`)
}
