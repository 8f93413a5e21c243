import { LocalConfiguration } from '../schemas/local-configuration.ts'
import { UsageError } from '../failure/usage-error.ts'
import { configurationFile } from './configuration-file.ts'
import { allFaults } from './faults.ts'
import { readJson } from './read-json.ts'

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
