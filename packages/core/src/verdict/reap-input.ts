import * as z from 'zod'
import { ExitStatus, ReapClaim } from '../lease-events.ts'
import { ProcessStatus } from '../process-identity.ts'

const age = z.int()

/** What the log says of one lease, as ages in ms on the log clock at the moment of the tick. */
export const ReapLease = z.object({
  token: z.int().nonnegative(),
  /** Whether the lease names a process; one that does not is never ended for a process's death. */
  bound: z.boolean(),
  lastBeatAgeMs: age,
  graceMs: z.int().nonnegative(),
  exit: z.object({ ...ExitStatus.shape, ageMs: age }).nullable(),
  ownedForMs: age,
  /** Past `expiresAt`. */
  expired: z.boolean(),
  /** Past the time by which recorded children delay the end of an expired lease. */
  orphanGraceOver: z.boolean(),
  children: z.int().nonnegative(),
  reap: z.enum(['optional', 'required']),
  attempt: z.int().min(1),
  maxAttempts: z.int().min(1),
  /** A reaper's claim under which the lease stands now. */
  claim: ReapClaim.nullable(),
  /** The work has already moved on by itself: an exit of 0 needs neither gate nor effect. */
  alreadyAdvanced: z.boolean().default(false),
})
export type ReapLease = z.infer<typeof ReapLease>

/**
 * What was looked for before a run was judged to move or to spin: work in the log and beside it, since `sinceMs` on the
 * log clock. `null` for a count that was not asked for; `unknown` says what could not be told, a sentence each.
 */
export const ReapProgress = z.object({
  verdict: z.enum(['WAITING', 'ADVANCING', 'SPINNING', 'STALLED']),
  basis: z.string(),
  sinceMs: z.int(),
  /** Of the run itself: RELEASEs, SCAVENGEs and further ACQUIREs. Beats never count. */
  events: z.int().nonnegative(),
  commits: z.int().nonnegative().nullable(),
  /** Files changed under the region. */
  files: z.int().nonnegative().nullable(),
  unknown: z.array(z.string()),
})
export type ReapProgress = z.infer<typeof ReapProgress>

/** What was gathered for this tick. `children` are the probes of the recorded children; a missing one counts as unknown. */
export const ReapEvidence = z.object({
  /** The reaper's own clock, which goes on in suspend; only differences count. */
  nowMs: z.int(),
  process: ProcessStatus,
  children: z.array(ProcessStatus),
  /** `not-run`: there is one, it has not been asked; `unknown`: it could not tell; `none`: there is none. */
  gate: z.enum(['green', 'red', 'unknown', 'not-run', 'none']),
  /** Whether it beats without progress, and everything that could have shown progress was able to tell. */
  spinning: z.boolean(),
  /** Where that was judged from; absent when nobody looked. */
  progress: ReapProgress.optional(),
  /** How often the effect of this lease has failed, as far as this reaper has seen; the claim's key names the effect. */
  effectFailures: z.int().nonnegative().default(0),
})
export type ReapEvidence = z.infer<typeof ReapEvidence>

/** Consecutive ticks that found the process and every child dead, under one token. Data that the caller hands back. */
export const ReapStreak = z.object({ token: z.int().nonnegative(), deadTicks: z.int().min(1), atMs: z.int() })
export type ReapStreak = z.infer<typeof ReapStreak>

/** By what a reaper plans. All spans are in ms; `ageCeilingMs` must exceed `finalisationGraceMs`. */
export const ReapPolicy = z
  .object({
    /** Consecutive dead probes before a death is believed. */
    probeCount: z.int().min(2, 'probeCount must be at least 2: one probe can be wrong'),
    /** A longer pause between two ticks breaks a streak: the reaper slept, it did not watch. */
    maxTickGapMs: z.int().positive(),
    /** How long a recorded exit leaves its holder to finish. */
    finalisationGraceMs: z.int().nonnegative(),
    ageCeilingMs: z.int().positive(),
    /** Failures of an effect after which the lease ends as failed. */
    effectAttempts: z.int().min(1),
    /** Whether this reaper has something to do when it reaps. */
    hasEffect: z.boolean().default(false),
  })
  .refine(({ ageCeilingMs, finalisationGraceMs }) => ageCeilingMs > finalisationGraceMs, {
    error: 'ageCeilingMs must exceed finalisationGraceMs, or the ceiling ends what is still finishing',
    path: ['ageCeilingMs'],
  })
export type ReapPolicy = z.infer<typeof ReapPolicy>

/** What `holdfast judge reap` takes: one lease at one tick, and the streak that the last tick handed back. */
export const ReapInput = z.object({
  lease: ReapLease,
  evidence: ReapEvidence,
  streak: ReapStreak.nullable().default(null),
  policy: ReapPolicy,
})
export type ReapInput = z.infer<typeof ReapInput>
