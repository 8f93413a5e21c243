import * as z from 'zod'

/** Input of `overlap --stdin`, one a line. */
export const OverlapInput = z.object({ a: z.array(z.string()), b: z.array(z.string()) })
export type OverlapInput = Readonly<z.infer<typeof OverlapInput>>

/** Answer of `overlap`: `witness` is a path that both cover; `bounded`: not decided within bounds, so it counts as one. */
export const OverlapAnswer = z.object({
  overlap: z.boolean(),
  witness: z.string().optional(),
  bounded: z.literal(true).optional(),
})
export type OverlapAnswer = Readonly<z.infer<typeof OverlapAnswer>>
