import { Instant } from '@holdfast/projections'
import * as z from 'zod'

/** A token, without its secret; `null`: all. */
export const TokenJson = z.object({
  name: z.string(),
  can: z.array(z.string()),
  ledgers: z.array(z.string()).nullable(),
  lanes: z.array(z.string()).nullable(),
  holders: z.array(z.string()).nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
})
export type TokenJson = z.infer<typeof TokenJson>

/** Answer of `token list`. */
export const TokensAnswer = z.object({ tokens: z.array(TokenJson) })

/** Answer of `token create`: the only place where the secret stands. */
export const NewTokenAnswer = TokenJson.extend({ secret: z.string() })
