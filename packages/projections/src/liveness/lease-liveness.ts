import {
  Activity,
  EpochMs,
  ExitStatus,
  Holder,
  Lane,
  LeaseId,
  LivenessEvidence,
  ProcessStatus,
  RunId,
  Token,
} from '@holdfast/core'
import * as z from 'zod'
import { HaltJson, haltJson, HaltStatus, HaltView } from '../view/halt-view.ts'
import { Instant, instantOf } from '../view/instant.ts'
import { SpawnJson, spawnJson, SpawnView } from '../view/spawn-view.ts'
import { WaitJson, waitJson, WaitView } from '../view/wait-view.ts'

/** A lease and whether it is moving. */
export const LeaseLiveness = z.object({
  lane: Lane,
  leaseId: LeaseId,
  holder: Holder,
  token: Token,
  runId: RunId.nullable(),
  /** `UNKNOWN`: it beats, nothing was found, and not everything could be looked at. */
  verdict: z.enum(['WAITING', 'ADVANCING', 'SPINNING', 'STALLED', 'UNKNOWN']),
  /** The finding that the verdict rests on. */
  basis: z.enum([
    'waiting',
    'delta',
    'process-gone',
    'no-beat',
    'beat-in-future',
    'beat-old',
    'within-grace',
    'no-delta',
    'delta-unknown',
  ]),
  /** The same as a sentence. */
  reason: z.string(),
  evidence: LivenessEvidence,
  expired: z.boolean(),
  expiresAtMs: EpochMs,
  /** `unknown` also for a lease that is bound to no process. */
  process: ProcessStatus,
  /** In the order in which the lease records them. */
  children: z.array(ProcessStatus),
  activity: Activity.nullable(),
  exit: ExitStatus.nullable(),
  /** The newest stop intent that is bound to this lease and token. */
  halt: HaltStatus.nullable(),
})
export type LeaseLiveness = Readonly<z.infer<typeof LeaseLiveness>>

/** All that moves, or should: leases, stop intents, start intents. */
export const LivenessView = z.object({
  leases: z.array(LeaseLiveness),
  halts: z.array(HaltView),
  spawning: z.array(SpawnView),
  /** Who waits for a human, with a lease or without one; absent: nobody does. */
  waiting: z.array(WaitView).optional(),
})
export type LivenessView = Readonly<z.infer<typeof LivenessView>>

/** The evidence stays as the pure function takes it, in ms; all other instants are ISO 8601. */
export const LivenessJson = z.object({
  leases: z.array(z.object({ ...LeaseLiveness.omit({ expiresAtMs: true }).shape, expiresAt: Instant })),
  halts: z.array(HaltJson),
  spawning: z.array(SpawnJson),
  waiting: z.array(WaitJson).optional(),
})
export type LivenessJson = Readonly<z.infer<typeof LivenessJson>>

export function livenessJson({ leases, halts, spawning, waiting }: LivenessView): LivenessJson {
  return {
    leases: leases.map(({ expiresAtMs, ...same }) => ({ ...same, expiresAt: instantOf(expiresAtMs) })),
    halts: halts.map(haltJson),
    spawning: spawning.map(spawnJson),
    ...(waiting === undefined ? {} : { waiting: waiting.map(waitJson) }),
  }
}
