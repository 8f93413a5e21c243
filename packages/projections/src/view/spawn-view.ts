import { EpochMs, Holder, Lane, ProcessIdentity, Revision, RunId, type LedgerState } from '@holdfast/core'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** A start intent: SPAWNING until its ACQUIRE or until its time is over. */
export const SpawnView = z.object({
  lane: Lane,
  holder: Holder,
  process: ProcessIdentity.nullable(),
  runId: RunId.nullable(),
  reason: z.string(),
  revision: Revision,
  spawnedAtMs: EpochMs,
  untilMs: z.number(),
})
export type SpawnView = Readonly<z.infer<typeof SpawnView>>

/** What is starting at `nowMs`, in the order of its SPAWNs. Who waits for a human does not: see `waitViews`. */
export function spawnViews(state: LedgerState, nowMs: EpochMs): SpawnView[] {
  return [...state.spawns.live(nowMs)]
    .flatMap(([, entry]) => (entry.waiting === undefined ? [entry] : []))
    .sort((a, b) => a.revision - b.revision)
}

export const SpawnJson = z.object({
  ...SpawnView.omit({ spawnedAtMs: true, untilMs: true }).shape,
  spawnedAt: Instant,
  until: Instant,
})
export type SpawnJson = Readonly<z.infer<typeof SpawnJson>>

export function spawnJson({ spawnedAtMs, untilMs, ...same }: SpawnView): SpawnJson {
  return { ...same, spawnedAt: instantOf(spawnedAtMs), until: instantOf(untilMs) }
}
