import { parseConfiguration, type Configuration } from '@holdfast/core'
import { globFault } from '@holdfast/engine/lean'
import { UsageError } from '../failure/usage-error.ts'
import { readJson } from './read-json.ts'

/** The settings that a file names, unchecked but for being an object. */
export async function readSettings(file: string): Promise<Readonly<Record<string, unknown>>> {
  const settings = await readJson(file)
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return { ...settings }
  throw new UsageError(
    `The file ${JSON.stringify(file)} holds no configuration; write a JSON object like {"ttlDefaultMs": 90000}.`,
  )
}

/** A whole configuration of these settings; tells all faults at once. */
export function configurationOf(settings: Readonly<Record<string, unknown>>): Configuration {
  const parsed = parseConfiguration(settings)
  if (parsed.ok) return withSoundRegions(parsed.config)
  const faults = parsed.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw new UsageError(`${faults.join('; ')}.`)
}

/** Regions of declared lanes are relative to the root; what no request may name, a file may not declare. */
function withSoundRegions(config: Configuration): Configuration {
  const faults = Object.entries(config.lanes).flatMap(([lane, { region }]) =>
    region.flatMap((glob, index) => {
      const fault = globFault(glob)
      return fault === null ? [] : [`lanes.${lane}.region.${index}: ${JSON.stringify(glob)}: ${fault}`]
    }),
  )
  if (faults.length > 0) throw new UsageError(`${faults.join('; ')}.`)
  return config
}
