import * as z from 'zod'

/** What stands on standard error, with `--json`, when a command could not do its part. */
export const FailureAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
export type FailureAnswer = Readonly<z.infer<typeof FailureAnswer>>
