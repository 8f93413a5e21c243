import { Holder, Lane, LeaseId, LedgerId, Token } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from '@holdfast/server/schemas'

const place = {
  /** As it was asked for. */
  given: z.string(),
  /** Relative to the root; absolute when it lies outside. */
  path: z.string(),
  /** `warn`: by local policy, yes and said. */
  permitted: z.enum(['yes', 'warn', 'no']),
}

/** A ledger that is not the one that is meant. */
const ledgerElsewhere = z.object({
  store: z.string(),
  ledgerId: LedgerId,
  root: z.string(),
  /** Its name in its store; absent: `default`. */
  name: z.string().optional(),
})

/** One place that would be written. */
const GuardedPlace = z.discriminatedUnion('verdict', [
  z.object({ ...place, verdict: z.literal('allowed'), basis: z.literal('own-lease'), leaseId: LeaseId }),
  z.object({ ...place, verdict: z.literal('unclaimed'), basis: z.literal('nobody') }),
  z.object({ ...place, verdict: z.literal('outside'), basis: z.literal('outside-root') }),
  z.object({
    ...place,
    verdict: z.literal('refused'),
    basis: z.enum(['held-by-other', 'expired', 'in-grace', 'draining', 'stale-token', 'unknown-tree']),
    leaseId: LeaseId,
    lane: Lane,
    holder: Holder,
    /** The token at which that is live, or drains. */
    token: Token,
    /** A path that the write and the lease share. */
    witness: z.string(),
    /** When the lease, or what drains, is over unless it is kept. */
    expiresAt: Instant,
    /** Which ledger refuses it, where it is not the one that is meant; `path` is then relative to this root. */
    ledger: ledgerElsewhere.optional(),
  }),
])
export type GuardedPlace = Readonly<z.infer<typeof GuardedPlace>>

/** The session of an agent that a hook's document is about. */
const session = {
  session: z
    .object({
      /** As a holder of leases. */
      name: Holder,
      /** Of a sub-agent: the holder in whose leases it may work as well. */
      parent: Holder.optional(),
      /** Leases that this call has claimed. */
      claimed: z.array(LeaseId),
      /** What it was told, a line each. */
      told: z.array(z.string()),
    })
    .optional(),
}

/** Answer of `guard check`: exit 0 when permitted, 3 when not; as a hook whatever its protocol asks. */
export const GuardAnswer = z.discriminatedUnion('guard', [
  z.object({
    guard: z.literal('on'),
    ...atLedger,
    permitted: z.boolean(),
    holder: Holder.nullable(),
    root: z.string(),
    /** What else the writer should know; changes no exit code. */
    remarks: z.array(z.string()).optional(),
    ...session,
    paths: z.array(GuardedPlace),
    /** What of a shell command nobody can tell before it runs; no reason to refuse it. */
    unresolved: z
      .array(z.object({ what: z.string(), why: z.enum(['target', 'program', 'code', 'syntax', 'bound']) }))
      .optional(),
  }),
  /** `guard pre-push`: `paths` are those that are refused, with the commit that has changed each. */
  z.object({
    guard: z.literal('push'),
    permitted: z.boolean(),
    holder: Holder.nullable(),
    root: z.string(),
    /** Files that the pushed commits have changed, and those of commits that the push takes away. */
    files: z.int().nonnegative(),
    paths: z.array(
      z.object({
        given: z.string(),
        path: z.string(),
        /** `dropped`: the push takes the commit away there. */
        change: z.enum(['added', 'dropped']),
        commit: z.string(),
        /** Until when it was made, at the latest. */
        committedAt: Instant,
        basis: z.enum(['held-by-other', 'draining']),
        leaseId: LeaseId,
        lane: Lane,
        holder: Holder,
        token: Token,
        /** When the ownership began; `null`: not known. */
        since: Instant.nullable(),
        expiresAt: Instant,
        ledger: ledgerElsewhere.optional(),
      }),
    ),
  }),
  /** A tool that writes nothing: no ledger was asked. */
  z.object({ guard: z.literal('idle'), permitted: z.literal(true), tool: z.string(), ...session }),
  /** `HOLDFAST_GUARD=off`: nothing was looked at. `log` is the file that says so; `null`: none could be written. */
  z.object({
    guard: z.literal('off'),
    permitted: z.literal(true),
    log: z.string().nullable(),
    paths: z.array(z.string()),
  }),
])
export type GuardAnswer = Readonly<z.infer<typeof GuardAnswer>>

/** Answer of `guard after`: exit 0 where nothing was changed, else whatever the hook's protocol takes for a refusal. */
export const GuardAfterAnswer = z.object({
  ...atLedger,
  root: z.string(),
  /** Whether `guard check --watch` has looked at what stood there before this call. */
  watched: z.boolean(),
  /** Whether everything could be looked at in time. */
  isWhole: z.boolean(),
  trespasses: z.array(
    z.object({
      /** Relative to the root. */
      path: z.string(),
      change: z.enum(['made', 'changed', 'removed']),
      lane: Lane,
      holder: Holder,
      leaseId: LeaseId,
      /** The file was put back, and what was written is kept here; `null`: it was not. */
      putBack: z.string().nullable(),
    }),
  ),
})
export type GuardAfterAnswer = Readonly<z.infer<typeof GuardAfterAnswer>>

const change = z.enum(['made', 'changed', 'removed', 'none'])

/** Answer of `guard install`. */
export const GuardInstallAnswer = z.object({
  dryRun: z.boolean(),
  changes: z.array(
    z.object({
      hook: z.string(),
      file: z.string(),
      change,
      /** What was added or taken out. */
      text: z.string(),
      notes: z.array(z.string()),
      /** The other hooks of git beside it, which belong to the same installation. */
      further: z.array(z.object({ file: z.string(), change, text: z.string(), notes: z.array(z.string()) })).optional(),
    }),
  ),
})
export type GuardInstallAnswer = Readonly<z.infer<typeof GuardInstallAnswer>>
