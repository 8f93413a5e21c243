import { Configuration } from '@holdfast/core'
import { Instant, StatusJson, Verification } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger, atPlace } from './at-ledger.ts'

/** Who serves the store, as it has announced itself; nobody was asked. */
export const ServerJson = z.object({
  pid: z.int().positive(),
  /** `unknown`: it may run in another container or on another host. */
  process: z.enum(['alive', 'unknown']),
  /** `null`: it is of a version that does not say so. */
  since: Instant.nullable(),
  version: z.string(),
  socket: z.string(),
  /** Where it listens for HTTP; `null`: nowhere that is known. */
  listen: z.string().nullable(),
})
export type ServerJson = Readonly<z.infer<typeof ServerJson>>

/** Answer of `status`. */
export const StatusAnswer = z.object({
  ...StatusJson.shape,
  ...atLedger,
  ...atPlace,
  url: z.string(),
  config: Configuration,
  /** `null`: nobody serves the store. Absent where the store is asked at the address of a server. */
  server: ServerJson.nullable().optional(),
})
export type StatusAnswer = Readonly<z.infer<typeof StatusAnswer>>

/** Answer of `verify`; a log that cannot be read far enough to know its id has `null` there. */
export const VerifyAnswer = z.object({
  ...Verification.shape,
  ledgerId: atLedger.ledgerId.nullable(),
  head: z.int().min(-1),
})
export type VerifyAnswer = Readonly<z.infer<typeof VerifyAnswer>>
