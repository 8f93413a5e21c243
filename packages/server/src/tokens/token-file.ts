import * as z from 'zod'
import { Right } from './rights.ts'

/** Patterns that one token has at most, of each kind. */
const PATTERNS_MAX = 64

/** A name that is the same file name on every system. */
export const TokenName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write it in lower-case letters, digits and -, at most 63')
  .refine(name => !RESERVED.has(name), 'this name stands for the page')
const RESERVED: ReadonlySet<string> = new Set(['page'])

const patterns = z.array(z.string().min(1).max(256)).min(1).max(PATTERNS_MAX).nullable()

/** What a token may, as its owner asks for it. */
export const TokenRequest = z.strictObject({
  name: TokenName,
  can: z.array(Right).min(1),
  ledgers: patterns.default(null),
  lanes: patterns.default(null),
  holders: patterns.default(null),
  /** Milliseconds since the epoch, on this host's clock; `null`: it does not expire. */
  expiresAtMs: z.int().positive().nullable().default(null),
})
export type TokenRequest = z.input<typeof TokenRequest>

/** A token as it is kept: without its secret. */
export const TokenFile = z.object({
  version: z.literal(1),
  ...TokenRequest.shape,
  createdAtMs: z.int().positive(),
  /** SHA-256 of the secret, which has 256 random bits, in hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type TokenFile = z.infer<typeof TokenFile>
