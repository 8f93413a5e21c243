import * as z from 'zod'
import { GUARD_DEFAULTS } from './guard-defaults.ts'
import { HookShape } from './hook-shape.ts'

/** What becomes of a write that no lease speaks of. `warn` lets it through and says so. */
const Policy = z.enum(['allow', 'warn', 'refuse'])

/** The guard's part of the local configuration. */
export const GuardSettings = z.strictObject({
  /** In nobody's region. */
  unclaimed: Policy.default(GUARD_DEFAULTS.unclaimed),
  /** Outside the root that regions are relative to: another work tree may have leases of its own. */
  outside: Policy.default(GUARD_DEFAULTS.outside),
  /** Outside the root, in the system's temporary folder and in no work tree there: nobody leases such files. */
  temporary: Policy.default(GUARD_DEFAULTS.temporary),
  /** Further hooks by name. */
  hooks: z.record(z.string().min(1), HookShape).default(GUARD_DEFAULTS.hooks),
})
export type GuardSettings = z.infer<typeof GuardSettings>
