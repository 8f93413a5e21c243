import { Holder, Lane, LeaseId, Revision, Token } from '@holdfast/core'
import { Instant, LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NotHeld, QueueFull, Refused, StaleToken } from './refused.ts'

/** A stop intent that the holder of a lease has still to obey: stop, then release. */
export const PendingHalt = z.object({ revision: Revision, handle: z.string(), reason: z.string(), at: Instant })
export type PendingHalt = Readonly<z.infer<typeof PendingHalt>>

/** The holder is asked to stop. Exit codes do not tell of it. */
const halt = PendingHalt.nullable()

/** The beat was taken even if the holder is asked to stop. */
const Beaten = z.object({
  outcome: z.literal('beaten'),
  coalesced: z.boolean(),
  lease: LeaseJson,
  halt,
})

/** Answer of `heartbeat`. */
export const HeartbeatAnswer = z
  .discriminatedUnion('outcome', [Beaten, NotHeld, StaleToken, QueueFull])
  .and(z.object(atLedger))
export type HeartbeatAnswer = Readonly<z.infer<typeof HeartbeatAnswer>>

/** Answer of `check`: exit 0 for `held`, 4 for everything else. `in-grace`: the time is over, and a beat brings it back. */
export const CheckAnswer = z
  .discriminatedUnion('outcome', [
    z.object({ outcome: z.enum(['held', 'expired', 'in-grace']), lease: LeaseJson, halt }),
    /** Held, but an older holder may still believe in the same place until then. */
    z.object({ outcome: z.literal('draining'), lease: LeaseJson, halt, until: Instant }),
    NotHeld,
    StaleToken,
  ])
  .and(z.object({ ...atLedger, held: z.boolean() }))
export type CheckAnswer = Readonly<z.infer<typeof CheckAnswer>>

const Released = z.object({
  /** `drained`: it had been taken by force; what it kept closed is open now. */
  outcome: z.enum(['released', 'drained']),
  leaseId: LeaseId,
  token: Token,
})

/** Answer of `release`. */
export const ReleaseAnswer = z
  .discriminatedUnion('outcome', [Released, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type ReleaseAnswer = Readonly<z.infer<typeof ReleaseAnswer>>

/** Answer of `release --session`: everything that was given up. `holder`: `null` where there was nothing. */
export const ReleaseSessionAnswer = z.object({
  ...atLedger,
  outcome: z.literal('released'),
  holder: Holder.nullable(),
  leases: z.array(z.object({ lane: Lane, leaseId: LeaseId, token: Token })),
})
export type ReleaseSessionAnswer = Readonly<z.infer<typeof ReleaseSessionAnswer>>

const Adopted = z.object({ outcome: z.literal('adopted'), lease: LeaseJson, previousToken: Token })

/** Answer of `adopt`. */
export const AdoptAnswer = z
  .discriminatedUnion('outcome', [Adopted, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type AdoptAnswer = Readonly<z.infer<typeof AdoptAnswer>>

const Scavenged = z.object({
  outcome: z.literal('scavenged'),
  leaseId: LeaseId,
  token: Token,
  /** Until when what it covered stays closed; `null` when it is open at once. */
  drainsUntil: Instant.nullable(),
})

/** Answer of `scavenge`. */
export const ScavengeAnswer = z
  .discriminatedUnion('outcome', [Scavenged, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type ScavengeAnswer = Readonly<z.infer<typeof ScavengeAnswer>>

const Recorded = z.object({
  outcome: z.literal('recorded'),
  /** For `halt`: the lease whose holder is asked; `null` when nothing matched, so that nobody will obey. */
  bound: z.object({ leaseId: LeaseId, token: Token }).nullable(),
})

/** Answer of `halt` and of `spawn`. */
export const IntentAnswer = z.discriminatedUnion('outcome', [Recorded, QueueFull]).and(z.object(atLedger))
export type IntentAnswer = Readonly<z.infer<typeof IntentAnswer>>
