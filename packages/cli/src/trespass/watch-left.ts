import type { LedgerState } from '@holdfast/core'
import { foreignFiles, type Looking } from './foreign-files.ts'
import { isLeftRunning } from './left-processes.ts'
import { compared, watchedAtMs, watchOf, type Looked } from './watch-call.ts'
import { keepWatch, leftBehind, takeWatch, type Watch, type WatchedCall } from './watch-file.ts'

/** What has changed since before a call of a session. What the call has left running is watched on, until the next look. */
export function sinceCall(state: LedgerState, about: WatchedCall, looking: Looking): Looked | null {
  const own = takeWatch(about)
  // What was left before is seen by the call's own watch as well.
  const left = takeWatch(leftBehind(about))
  const before = own ?? left
  if (before === null) return null
  return watchedOn(state, { about, before, ticks: earlier(before.ticks, left?.ticks ?? before.ticks) }, looking)
}

/** What has been changed since the last look by what earlier calls have left running; `null`: nothing was left. */
export function leftSince(state: LedgerState, about: WatchedCall, looking: Looking): Looked | null {
  const left = takeWatch(leftBehind(about))
  return left === null ? null : watchedOn(state, { about, before: left, ticks: left.ticks }, looking)
}

function watchedOn(
  state: LedgerState,
  { about, before, ticks }: { readonly about: WatchedCall; readonly before: Watch; readonly ticks: number | null },
  looking: Looking,
): Looked {
  // Asked before the look: whatever has ended by now has written what it writes.
  const isRunning = ticks !== null && isLeftRunning(about.root, ticks)
  const atMs = watchedAtMs()
  const now = foreignFiles(state, looking)
  const looked = compared(state, { about, before, now }, looking)
  if (isRunning) keepWatch(leftBehind(about), watchOf(state, about.root, now, { ticks, atMs }))
  return looked
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b)
}
