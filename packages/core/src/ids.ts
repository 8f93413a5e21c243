import * as z from 'zod'
import { isPrintable, isTrimmed } from './name-text.ts'

/** Longest name of a lane, holder, run, kind, request or handle, in UTF-16 code units. */
export const NAME_LENGTH_MAX = 256

const name = (what: string) =>
  z
    .string()
    .min(1, `${what} must not be empty`)
    .max(NAME_LENGTH_MAX, `${what} must be at most ${NAME_LENGTH_MAX} characters`)
    .refine(isPrintable, `${what} must not contain control characters`)
    .refine(isTrimmed, `${what} must not begin or end with white space`)

/** Milliseconds since the Unix epoch, on the log clock unless a name says otherwise. */
export const EpochMs = z.int().brand<'EpochMs'>()
export type EpochMs = z.infer<typeof EpochMs>

/** A span of time in whole milliseconds, never negative. */
export const DurationMs = z.int().nonnegative().brand<'DurationMs'>()
export type DurationMs = z.infer<typeof DurationMs>

/** Number of an event in its ledger: strictly increasing, never reused. */
export const Revision = z.int().nonnegative().brand<'Revision'>()
export type Revision = z.infer<typeof Revision>

/** Fencing token of a lease: the revision of the ACQUIRE or ADOPT that gave this ownership. */
export const Token = z.int().nonnegative().brand<'Token'>()
export type Token = z.infer<typeof Token>

/** Identity of a ledger, fixed at its genesis: the log of another one is no empty ledger. */
export const LedgerId = z.uuid().brand<'LedgerId'>()
export type LedgerId = z.infer<typeof LedgerId>

/** Idempotency key of an event: a UUIDv5 of the command's id and the event's index in its answer. */
export const EventId = z.uuid().brand<'EventId'>()
export type EventId = z.infer<typeof EventId>

/** Names one attempt to have a command decided; its repeats carry the same id. */
export const CommandId = z.uuid().brand<'CommandId'>()
export type CommandId = z.infer<typeof CommandId>

/** What is leased: `api`, `deploy`, `pr-1234`. */
export const Lane = name('lane').brand<'Lane'>()
export type Lane = z.infer<typeof Lane>

/** Who holds a lease. */
export const Holder = name('holder').brand<'Holder'>()
export type Holder = z.infer<typeof Holder>

/** The piece of work that a holder does under one or more leases. */
export const RunId = name('runId').brand<'RunId'>()
export type RunId = z.infer<typeof RunId>

/** A class of lanes that shares a budget of live leases. */
export const Kind = name('kind').brand<'Kind'>()
export type Kind = z.infer<typeof Kind>

/** Names a request for a lease, so that asking again is the same request. */
export const RequestId = name('requestId').brand<'RequestId'>()
export type RequestId = z.infer<typeof RequestId>

/** `<lane>@<token of its ACQUIRE>`: stays the same when the lease is adopted and its token changes. */
export const LeaseId = z
  .string()
  .min(1, 'leaseId must not be empty')
  .max(NAME_LENGTH_MAX * 2 + 1)
  .brand<'LeaseId'>()
export type LeaseId = z.infer<typeof LeaseId>

/**
 * A lease id from outside: held to what a lane must be, of which our own ids are made. Apart from `LeaseId`, by which
 * logs are read: what an older import let through stays readable.
 */
export const ImportedLeaseId = LeaseId.refine(isPrintable, 'leaseId must not contain control characters').refine(
  isTrimmed,
  'leaseId must not begin or end with white space',
)

/** The id of the lease that an ACQUIRE at `token` creates on `lane`. */
export function leaseIdOf(lane: Lane, token: Token): LeaseId {
  return `${lane}@${token}` as LeaseId
}

/** The token that an event at `revision` mints. */
export function tokenAt(revision: Revision): Token {
  return revision as number as Token
}

/** The revision after `revision`; -1 stands for the head of an empty stream. */
export function nextRevision(revision: Revision | -1): Revision {
  return (revision + 1) as Revision
}

/** The revision of the `count`-th event after the head. */
export function revisionAfter(head: Revision | -1, count: number): Revision {
  return (head + count) as Revision
}

/** The instant `spanMs` after `at`, or the last one that there is: a log may hold any span, and the sum stays an instant. */
export function later(at: EpochMs, spanMs: number): EpochMs {
  return Math.min(at + spanMs, Number.MAX_SAFE_INTEGER) as EpochMs
}
