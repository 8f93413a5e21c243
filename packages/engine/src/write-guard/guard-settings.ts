import * as z from 'zod'
import { GUARD_DEFAULTS } from './guard-defaults.ts'
import { HookShape } from './hook-shape.ts'

/** What becomes of a write that no lease speaks of. `warn` lets it through and says so. */
const Policy = z.enum(['allow', 'warn', 'refuse'])

/** The guard's part of the local configuration. */
export const GuardSettings = z.strictObject({
  /** In nobody's region. `claim`: the first edit of a session of an agent leases the file; for other writers like `refuse`, and for commits, which edit nothing, like `warn`. */
  unclaimed: z.enum([...Policy.options, 'claim']).default(GUARD_DEFAULTS.unclaimed),
  /** Outside the root that regions are relative to: another work tree may have leases of its own. */
  outside: Policy.default(GUARD_DEFAULTS.outside),
  /** Outside the root, in the system's temporary folder and in no work tree there: nobody leases such files. */
  temporary: Policy.default(GUARD_DEFAULTS.temporary),
  /** How long a lease that an edit has claimed lives without a word from its session. */
  claimTtl: z.string().min(1).default(GUARD_DEFAULTS.claimTtl),
  /** Files of one folder that are claimed one by one; past it the folder is claimed, if it is free. */
  folderFiles: z.int().min(1).max(1000).default(GUARD_DEFAULTS.folderFiles),
  /** Leases that a session's edits claim in all; past it the session is told to lease a region. */
  claimsMax: z.int().min(1).max(10_000).default(GUARD_DEFAULTS.claimsMax),
  /** How long a hook may take, all that it asks included. */
  timeout: z.string().min(1).default(GUARD_DEFAULTS.timeout),
  /** What becomes of files of others that a tool call has changed: `tell`, or `restore` those that only it can have changed. */
  trespass: z.enum(['tell', 'restore']).default(GUARD_DEFAULTS.trespass),
  /** Further hooks by name. */
  hooks: z.record(z.string().min(1), HookShape).default(GUARD_DEFAULTS.hooks),
})
export type GuardSettings = z.infer<typeof GuardSettings>
