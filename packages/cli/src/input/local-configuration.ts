import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GuardSettings } from '@holdfast/engine/write-guard'
import { LivenessSettings } from '@holdfast/projections'
import * as z from 'zod'
import { UsageError } from '../program/usage-error.ts'
import { firstFaults } from './first-faults.ts'
import { readJson } from './read-json.ts'

const FILE_NAME = 'holdfast.config.json'

/** What is decided here and not in the log: how this observer judges. Two people may judge one ledger differently. */
const LocalConfiguration = z.strictObject({
  liveness: z.strictObject(LivenessSettings.shape).partial().optional(),
  /** What becomes of writes that no lease speaks of. */
  guard: GuardSettings.prefault({}),
  /** Where work shows beside the log. */
  progress: z
    .strictObject({
      /** Folder that regions are relative to; default the working folder. */
      directory: z.string().min(1).optional(),
      /** Whether files changed under a lease's region are work. */
      files: z.boolean().default(true),
      /** Whether commits there are: all of them count for every run, so only where a run has a work tree of its own. */
      commits: z.boolean().default(false),
    })
    .prefault({}),
})
export type LocalConfiguration = z.infer<typeof LocalConfiguration>

/** The local configuration: the file that is named, else the nearest one upward, else the defaults. */
export async function localConfiguration(named: string | undefined, folder: string): Promise<LocalConfiguration> {
  const file = named ?? nearest(folder)
  const parsed = LocalConfiguration.safeParse(file === null ? {} : await readJson(file))
  if (parsed.success) return parsed.data
  throw new UsageError(`The configuration ${JSON.stringify(file)} is wrong at ${firstFaults(parsed.error)}`)
}

function nearest(folder: string): string | null {
  const file = join(folder, FILE_NAME)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? null : nearest(parent)
}
