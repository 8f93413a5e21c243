import * as z from 'zod'

/** What a worker is to do. */
export const Task = z.object({
  url: z.string(),
  ledger: z.string(),
  name: z.string(),
  chains: z.number(),
  lanes: z.number(),
  pauseMs: z.number(),
  deadlineMs: z.number(),
  compaction: z.object({ eventsMax: z.number(), everyMs: z.number() }),
})

export type Task = z.infer<typeof Task>

/** A line that a worker says. */
export const Said = z.discriminatedUnion('what', [
  z.object({ what: z.literal('granted'), lane: z.string(), token: z.number() }),
  /** What was answered since the last such line, by how. */
  z.object({ what: z.literal('answered'), counts: z.record(z.string(), z.number()), slowestMs: z.number() }),
  z.object({ what: z.literal('failed'), error: z.string() }),
])
export type Said = z.infer<typeof Said>
