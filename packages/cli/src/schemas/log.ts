import { EventType } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'

const entry = {
  revision: z.int().nonnegative(),
  recordedAt: Instant,
  eventId: z.string(),
}

/** One line of `log`: an event as recorded. Spans and instants inside `data` are ms, as in the log. */
const EventLine = z.object({
  ...entry,
  type: EventType,
  causation: z.string().optional(),
  runId: z.string().optional(),
  actor: z.looseObject({}).nullable(),
  data: z.looseObject({}),
})

/** An entry that this program cannot read, as the store has it. */
const UnrecognisedLine = z.object({
  ...entry,
  type: z.literal('UNRECOGNISED'),
  causation: z.json().optional(),
  runId: z.json().optional(),
  actor: z.json().optional(),
  data: z.json(),
  unrecognised: z.object({
    type: z.string(),
    schemaVersion: z.int(),
    problem: z.enum(['newer-schema', 'invalid', 'unknown-type']),
    detail: z.string(),
  }),
})

/** One line of `log`. */
export const LogLine = z.union([EventLine, UnrecognisedLine])
export type LogLine = Readonly<z.infer<typeof LogLine>>
