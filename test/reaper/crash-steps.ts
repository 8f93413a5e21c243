/** Where a reaper can be killed, in the order in which it gets there. */
export const CRASH_STEPS = [
  'before-claim',
  'claimed',
  'gate',
  'effect-start',
  'effect-recorded',
  'effect-running',
  'effect-done',
  'before-close',
  'closed',
] as const
export type CrashStep = (typeof CRASH_STEPS)[number]
