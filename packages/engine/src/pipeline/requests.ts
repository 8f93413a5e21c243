import { randomUUID } from 'node:crypto'
import {
  type Command,
  type CommandInput,
  type EndCause,
  type ExitStatus,
  type Mode,
  type ProcessIdentity,
  type Reap,
  type Waiting,
  type WorkTree,
  parseCommand,
  type InputFault,
} from '@holdfast/core'
import type { AcquireCommand } from '@holdfast/core/internal'
import { checkObject, checkOptions } from '../check-given.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import { InputError } from '../input-error.ts'
import { checkedTraceparent } from './checked-traceparent.ts'
import { claimedRegion, regionInputFaults } from '../ledger/claimed-region.ts'

/** One lease of several that are asked for together. */
export interface ClaimRequest {
  readonly lane: string
  /** Globs relative to the root; none: the lane's name alone (or what the ledger declares for the lane). */
  readonly region?: readonly string[] | undefined
  /** Files and folders taken literally, relative to the root, with all that is below them; beside `region` or instead. */
  readonly paths?: readonly string[] | undefined
  readonly mode?: Mode | undefined
  readonly kind?: string | undefined
}

/** A request for a lease. */
export interface AcquireRequest extends ClaimRequest {
  readonly holder: string
  /** Further lanes, in order: the first admissible one of all is taken. */
  readonly anyOf?: readonly string[] | undefined
  /** Further claims: all of them or none. */
  readonly allOf?: readonly ClaimRequest[] | undefined
  readonly ttl?: DurationInput | undefined
  /** The process to bind the lease to; `null`: none. */
  readonly process?: ProcessIdentity | null | undefined
  readonly children?: readonly ProcessIdentity[] | undefined
  readonly runId?: string | undefined
  readonly requestId?: string | undefined
  /** The git work tree that it is made in; default: that of the ledger object. `null`: unknown, which counts as every tree. */
  readonly workTree?: WorkTree | null | undefined
  readonly maxAttempts?: number | undefined
  readonly reap?: Reap | undefined
  readonly reason?: string | undefined
}

/** Who holds what: names a lease that one believes to hold. */
export interface LeaseReference {
  readonly lane: string
  readonly holder: string
  readonly token: number
  readonly reason?: string | undefined
}

export interface HeartbeatRequest extends LeaseReference {
  readonly progress?: string | undefined
  /** A long step: keeps the lease for the span although no beats come, up to the ledger's cap. */
  readonly activity?: { readonly label: string; readonly expected: DurationInput } | undefined
  readonly exit?: ExitStatus | undefined
  readonly children?: readonly ProcessIdentity[] | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly causation?: string | undefined
  readonly coalesceWithin?: DurationInput | undefined
}

export interface ReleaseRequest extends LeaseReference {
  readonly causation?: string | undefined
}

/** A CHECKPOINT of the head, with what it changes. */
export interface CheckpointRequest {
  readonly offset?: number | undefined
  readonly clockOffset?: number | undefined
  /** The place that continues this ledger: nothing is written here any more. */
  readonly movedTo?: string | undefined
  /** The place that it moved to, once it is there. */
  readonly arrivedAt?: string | undefined
  /** It was put back from a backup: all of it drains, unless forced. */
  readonly restored?: { readonly force: boolean } | undefined
  readonly reason?: string | undefined
}

export interface AdoptRequest {
  readonly lane: string
  readonly newHolder: string
  readonly expectToken: number
  readonly force?: boolean | undefined
  readonly process?: ProcessIdentity | null | undefined
  /** Makes it a reaper's claim. */
  readonly claim?: { readonly cause: EndCause } | undefined
  readonly reason?: string | undefined
}

export interface ScavengeRequest {
  readonly lane: string
  readonly token: number
  readonly force?: boolean | undefined
  readonly holder?: string | undefined
  readonly cause?: EndCause | undefined
  readonly disposition?: 'retry' | 'failed' | 'done' | 'none' | undefined
  readonly effect?: 'ran' | 'failed' | 'none' | undefined
  readonly reason?: string | undefined
}

export interface HaltRequest {
  readonly handle: string
  readonly lane?: string | undefined
  readonly leaseId?: string | undefined
  readonly runId?: string | undefined
  readonly command?: string | undefined
  readonly reason?: string | undefined
}

export interface SpawnRequest {
  readonly lane: string
  readonly holder: string
  readonly process?: ProcessIdentity | null | undefined
  readonly runId?: string | undefined
  readonly ttl?: DurationInput | undefined
  /** That it waits for a human; the next announcement of that lane and run without it ends the wait. */
  readonly waiting?: Waiting | undefined
  readonly reason?: string | undefined
}

/** Files that somebody wants to write without asking for a lease. */
export interface WriteRequest {
  /** `null`: nobody says who writes. */
  readonly holder: string | null
  /** Relative to the root. */
  readonly paths: readonly string[]
  /** Default: that of the ledger object. `null`: unknown, which counts as every tree. */
  readonly workTree?: WorkTree | null | undefined
  readonly reason?: string | undefined
}

/** Field names that people know, for paths that the schemas report. */
const FIELD_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^claims\.0\.(.*)$/, '$1'],
  [/^claims\.(\d+)\.(.*)$/, 'claim $1: $2'],
  [/^ttlMs$/, 'ttl'],
  [/^newHolder$/, 'holder'],
  [/^expectToken$/, 'token'],
]

interface Ledger {
  readonly caseSensitive: boolean
}

/** Turns a request into a command with an id of its own; throws an `InputError` with all faults. */
export function acquireCommand(request: AcquireRequest, ledger: Ledger, wait: boolean): AcquireCommand {
  checkOptions(request, { anyOf: 'list', allOf: 'list', children: 'list' }, 'request')
  const { lane, region, paths, mode, kind, anyOf, allOf, ttl, process, children, ...rest } = request
  allOf?.forEach((claim, index) => checkObject(claim, `allOf.${index}`))
  const first = { lane, region, paths, mode, kind }
  if (anyOf !== undefined && anyOf.length > 0 && allOf !== undefined && allOf.length > 0) {
    throw new InputError([{ path: 'anyOf', message: 'ask for any of several lanes or for all of them, not for both' }])
  }
  const any = (anyOf ?? []).map(other => ({ ...first, lane: other }))
  const claims = [first, ...any, ...(allOf ?? [])]
  const faults = [first, ...(allOf ?? [])].flatMap((claim, index) =>
    regionInputFaults(claim, name => (index === 0 ? name : `claim ${index}: ${name}`)),
  )
  if (faults.length > 0) throw new InputError(faults)
  return commandOf(ledger, {
    type: 'acquire',
    ...rest,
    wait,
    policy: any.length > 0 ? 'any' : (allOf ?? []).length > 0 ? 'all' : 'one',
    claims: claims.map(({ paths: literal, ...claim }) =>
      given({ ...claim, region: claimedRegion({ region: claim.region, paths: literal }) }),
    ),
    ttlMs: ttl === undefined ? undefined : parseDuration(ttl, 'ttl'),
    process: process ?? null,
    children: children === undefined ? undefined : [...children],
  })
}

/** Whether case matters changes what a region covers, not whether it can be understood. */
const ANY_LEDGER: Ledger = { caseSensitive: false }

/** What may stand beside a request for a lease; how long it waits, and how often what it gets is beaten. */
interface BesideRequest {
  readonly wait?: DurationInput | undefined
  readonly beatEvery?: DurationInput | undefined
  readonly signal?: unknown
  readonly predicates?: unknown
  readonly onRefused?: unknown
  readonly traceparent?: string | undefined
}

/**
 * Throws an `InputError` for a request that no ledger could understand: for those who would otherwise make a store, or
 * announce what they start, before they say so.
 */
export function checkAcquireRequest(request: AcquireRequest & BesideRequest): void {
  checkObject(request, 'request')
  const { wait, beatEvery, signal: _signal, predicates: _given, onRefused: _told, traceparent, ...asked } = request
  acquireCommand(asked, ANY_LEDGER, false)
  if (wait !== undefined) parseDuration(wait, 'wait')
  if (beatEvery !== undefined) parseDuration(beatEvery, 'beatEvery')
  checkedTraceparent({ traceparent })
}

/** Turns a beat into a command; throws an `InputError` with all faults. */
export function heartbeatCommand(request: HeartbeatRequest, ledger: Ledger) {
  checkObject(request, 'request')
  const { activity, coalesceWithin, ...rest } = request
  if (activity !== undefined) checkObject(activity, 'activity')
  return commandOf(ledger, {
    ...rest,
    type: 'heartbeat',
    activity: activity && { label: activity.label, expectedMs: parseDuration(activity.expected, 'expect') },
    coalesceWithinMs: coalesceWithin === undefined ? undefined : parseDuration(coalesceWithin, 'coalesceWithin'),
  })
}

/** Turns a release into a command; throws an `InputError` with all faults. */
export function releaseCommand(request: ReleaseRequest, ledger: Ledger) {
  checkObject(request, 'request')
  return commandOf(ledger, { ...request, type: 'release' })
}

/** Turns a HALT into a command; throws an `InputError` with all faults. */
export function haltCommand(request: HaltRequest, ledger: Ledger) {
  checkObject(request, 'request')
  return commandOf(ledger, { ...request, type: 'halt' })
}

/** Turns an announcement into a command; throws an `InputError` with all faults. */
export function spawnCommand(request: SpawnRequest, ledger: Ledger) {
  checkObject(request, 'request')
  const { ttl, ...rest } = request
  const ttlMs = ttl === undefined ? undefined : parseDuration(ttl, 'ttl')
  return commandOf(ledger, { ...rest, type: 'spawn', ttlMs })
}

/** Turns the question whether files may be written into a command; throws an `InputError` with all faults. */
export function writeCommand(request: WriteRequest, ledger: Ledger) {
  checkOptions(request, { paths: 'list' }, 'request')
  return commandOf(ledger, { ...request, paths: [...request.paths], type: 'write' })
}

/** As `checkAcquireRequest`, for a HALT. */
export const checkHaltRequest = (request: HaltRequest): void => void haltCommand(request, ANY_LEDGER)

/** As `checkAcquireRequest`, for an announcement. */
export const checkSpawnRequest = (request: SpawnRequest): void => void spawnCommand(request, ANY_LEDGER)

/**
 * A server parses what it is sent by the rules of its ledger, which whoever has opened none does not know. What is read here
 * as if case mattered is for it as it was given.
 */
const UNOPENED: Ledger = { caseSensitive: true }

export const sentHeartbeat = (request: HeartbeatRequest) => heartbeatCommand(request, UNOPENED)
export const sentRelease = (request: ReleaseRequest) => releaseCommand(request, UNOPENED)

/** `null`: only the ledger can say whether it can be understood. */
export function sentAcquire(request: AcquireRequest): AcquireCommand | null {
  try {
    return acquireCommand(request, UNOPENED, false)
  } catch (error) {
    if (error instanceof InputError) return null
    throw error
  }
}

/** Turns any other request into a command; throws an `InputError` with all faults. */
export function commandOf<T extends Command['type']>(
  ledger: Ledger,
  input: { readonly type: T } & Readonly<Record<string, unknown>>,
): Extract<Command, { readonly type: T }> {
  const command = given({ commandId: randomUUID(), ...input })
  // The schema decides whether it is one: this is the edge at which input is parsed.
  const parsed = parseCommand<T>(command as Extract<CommandInput, { readonly type: T }>, ledger)
  if (!parsed.ok) throw new InputError(parsed.faults.map(namedForPeople))
  return parsed.command
}

/** The fields that were given: one that is undefined was left out. */
function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) named[name] = value
  return named
}

function namedForPeople({ path, message }: InputFault): InputFault {
  const renamed = FIELD_NAMES.reduce((name, [pattern, replacement]) => name.replace(pattern, replacement), path)
  return { path: renamed, message }
}
