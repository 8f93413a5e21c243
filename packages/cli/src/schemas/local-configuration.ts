import { CompactionPolicy } from '@holdfast/engine/compaction-policy'
import { GuardSettings } from '@holdfast/engine/write-guard'
import { LivenessSettings } from '@holdfast/projections'
import { NotifyRules } from '@holdfast/server/notify-rules'
import * as z from 'zod'

/** What is decided here and not in the log: how this observer judges. Two people may judge one ledger differently. */
export const LocalConfiguration = z.strictObject({
  /** Where editors find the schema of this file. */
  $schema: z.string().optional(),
  /** How liveness is judged. */
  liveness: LivenessSettings.prefault({}),
  /** What becomes of writes that no lease speaks of. */
  guard: GuardSettings.prefault({}),
  /** Whom `serve` tells of what, and how. */
  notify: NotifyRules.default({}),
  /** When `reap`, as long as it stays, compacts the log by itself. */
  compaction: CompactionPolicy.prefault({}),
  /** Where work shows beside the log. */
  progress: z
    .strictObject({
      /** Folder that regions are relative to, for leases of its work tree; default the root. Others are looked for in their own. */
      directory: z.string().min(1).optional(),
      /** Whether files changed under a lease's region are work. */
      files: z.boolean().default(true),
      /** Whether commits there are: all of them count for every run, so only where a run has a work tree of its own. */
      commits: z.boolean().default(false),
    })
    .prefault({}),
  /** What `reap` does unless its flags say otherwise. */
  reaper: z
    .strictObject({
      /** Time between two looks, like `15s`. */
      interval: z.string().min(1).optional(),
      /** Whether a HALT is recorded for a run that beats without progress, which `run` obeys; else it is only told. */
      haltSpinning: z.boolean().default(false),
    })
    .prefault({}),
})
export type LocalConfiguration = z.infer<typeof LocalConfiguration>

/** JSON Schema (2020-12) of `holdfast.config.json`. */
export function localConfigurationJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(LocalConfiguration, { io: 'input', target: 'draft-2020-12' })
  return { title: 'Holdfast: configuration of one observer (holdfast.config.json)', ...schema }
}
