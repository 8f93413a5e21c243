import * as z from 'zod'

const rule = z.object({
  name: z.string(),
  on: z.array(z.string()),
  by: z.enum(['command', 'webhook']),
  /** What keeps it from telling anybody. */
  problems: z.array(z.string()),
  warnings: z.array(z.string()),
})

/** Answer of `notify check`. `file` is the configuration that was read; `null`: there is none. */
export const NotifyCheckAnswer = z.object({ file: z.string().nullable(), ok: z.boolean(), rules: z.array(rule) })
export type NotifyCheckAnswer = Readonly<z.infer<typeof NotifyCheckAnswer>>

/** Answer of `notify test`. `refused`: another try would end the same; `failed`: it may go better later. */
export const NotifyTestAnswer = z.object({
  ok: z.boolean(),
  rules: z.array(
    z.object({
      name: z.string(),
      outcome: z.enum(['told', 'failed', 'refused']),
      detail: z.string(),
      /** The notice that was told, as a command reads it and a webhook is sent it. */
      notice: z.looseObject({ id: z.string(), rule: z.string(), text: z.string(), sample: z.literal(true) }),
    }),
  ),
})
export type NotifyTestAnswer = Readonly<z.infer<typeof NotifyTestAnswer>>
