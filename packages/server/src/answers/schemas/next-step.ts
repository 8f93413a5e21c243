import { Instant } from '@holdfast/projections'
import * as z from 'zod'

/**
 * What can be done about something in the way:
 * - `wait`: until it is over; `retry`: the same command, from `at` on;
 * - `release`: whoever holds it gives it up; `halt`: ask the holder to stop; `kill`: end a process;
 * - `acquire`: ask for the lane again; `look`: find out what happened;
 * - `adopt`: take the lease over; `scavenge`: end it; `force`: the same command by an operator's word; `reap`: a reaper;
 * - `configure`: change what decides; `change`: ask for something else; `restore`, `repair`: mend the ledger, a file or a hook.
 */
export const NextAction = z.enum([
  'wait',
  'acquire',
  'look',
  'retry',
  'release',
  'halt',
  'kill',
  'adopt',
  'scavenge',
  'force',
  'reap',
  'configure',
  'change',
  'restore',
  'repair',
])
export type NextAction = z.infer<typeof NextAction>

/** One thing to do next. `command` works when it is pasted; without one somebody else has to act, or a choice is needed. */
export const NextStep = z.object({
  action: NextAction,
  /** A sentence for people, without its full stop. */
  text: z.string(),
  command: z.string().optional(),
  /** From when on it helps; absent: at once, or not known. */
  at: Instant.optional(),
})
export type NextStep = Readonly<z.infer<typeof NextStep>>
