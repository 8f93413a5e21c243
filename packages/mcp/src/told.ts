import * as z from 'zod'

/** Its fields stand in every answer; they are told once, in the instructions. */
export const STEP_TITLE = 'step'

/** A call that can be made next, as it is sent. */
export const Step = z
  .object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()), why: z.string() })
  .meta({ title: STEP_TITLE })
export type Step = Readonly<z.infer<typeof Step>>

/** What every answer has: what holds now in words, what can be called next, and what happened to the session's leases. */
export const told = {
  text: z.string(),
  next: z.array(Step),
  news: z.array(z.string()).optional(),
  /** With `detail: full`: the same as the command line gives it as JSON. */
  full: z.unknown().optional(),
}

/** One thing in the way. */
export const InTheWay = z.object({
  holder: z.string().optional(),
  lease: z.string().optional(),
  path: z.string().optional(),
  until: z.string().optional(),
})
export type InTheWay = Readonly<z.infer<typeof InTheWay>>

/** Whoever asks may not do it, or nobody says who he is. */
export class NotAllowed extends Error {}

/** The answer of a tool. */
export interface Told {
  readonly text: string
  readonly next: readonly Step[]
  readonly [field: string]: unknown
}
