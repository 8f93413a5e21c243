import { HookShape } from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'
import { LocalConfiguration } from '../schemas/local-configuration.ts'
import { configurationFile } from './configuration-file.ts'
import { allFaults } from './faults.ts'
import { readJson } from './read-json.ts'
import { demandRegularFile } from './read-named-file.ts'

/**
 * The local configuration: the file that is named, else the nearest one upward, else the defaults. Throws a `UsageError`
 * that tells all faults at once.
 */
export async function localConfiguration(named: string | undefined, folder: string): Promise<LocalConfiguration> {
  const file = configurationFile(named, folder)
  const parsed = LocalConfiguration.safeParse(file === null ? {} : await readJson(file))
  if (parsed.success) return parsed.data
  throw new UsageError(`The configuration ${JSON.stringify(file)} is wrong at ${allFaults(parsed.error)}`)
}

/** Reads a hook's shape from a JSON file. */
export async function readHookFile(file: string): Promise<HookShape> {
  demandRegularFile(file, 'no hook was read')
  const parsed = HookShape.safeParse(await readJson(file))
  if (parsed.success) return parsed.data
  throw new UsageError(`The hook in ${JSON.stringify(file)} is wrong at ${allFaults(parsed.error)}`)
}
