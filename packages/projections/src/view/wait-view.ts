import { EpochMs, Holder, Lane, RunId, type LedgerState } from '@holdfast/core'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** Somebody who waits for a human, by their own word. It lengthens no lease. */
export const WaitView = z.object({
  lane: Lane,
  holder: Holder,
  runId: RunId.nullable(),
  /** Which kind of answer: `permission`, `input`. */
  for: z.string(),
  detail: z.string().optional(),
  sinceMs: EpochMs,
  untilMs: z.number(),
})
export type WaitView = Readonly<z.infer<typeof WaitView>>

/** Who waits for a human at `nowMs`, the one that has waited longest first. */
export function waitViews(state: LedgerState, nowMs: EpochMs): WaitView[] {
  const waits = [...state.spawns.live(nowMs)].flatMap(([, { waiting, lane, holder, runId, untilMs }]) =>
    waiting === undefined ? [] : [{ lane, holder, runId, ...waiting, untilMs }],
  )
  return waits.sort((a, b) => a.sinceMs - b.sinceMs || (a.lane < b.lane ? -1 : 1))
}

/** `until`: when nobody speaks of the wait any more, unless it is said again. */
export const WaitJson = z.object({
  ...WaitView.omit({ sinceMs: true, untilMs: true }).shape,
  since: Instant,
  until: Instant,
})
export type WaitJson = Readonly<z.infer<typeof WaitJson>>

export function waitJson({ sinceMs, untilMs, ...same }: WaitView): WaitJson {
  return { ...same, since: instantOf(sinceMs), until: instantOf(untilMs) }
}
