import { Configuration } from '@holdfast/core'
import { Instant, LedgerCheck } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger, atPlace, NextStep, ServerJson } from '@holdfast/server/schemas'

/** Answer of `init`: what was made, or what was there already. */
export const InitAnswer = z.object({
  ...atLedger,
  ...atPlace,
  url: z.string(),
  /** False when the ledger was there before: it keeps its configuration. */
  created: z.boolean(),
  config: Configuration,
  /** The group that the store is shared with; absent where `--shared` was not given. */
  shared: z.object({ group: z.string(), gid: z.int() }).optional(),
  /** What was changed of what was asked for, and why. */
  notes: z.array(z.string()),
})
export type InitAnswer = Readonly<z.infer<typeof InitAnswer>>

/** Answer of `config show` and `config set`. */
export const ConfigAnswer = z.object({ ...atLedger, config: Configuration })
export type ConfigAnswer = Readonly<z.infer<typeof ConfigAnswer>>

/** Answer of `repair`. */
export const RepairAnswer = z.object({ ...atLedger, skipped: z.int().nonnegative(), unreadable: z.array(z.int()) })
export type RepairAnswer = Readonly<z.infer<typeof RepairAnswer>>

/** One thing that stands in the way here, and what can be done about it. */
export const InTheWay = z.object({
  /** The check that found it. */
  check: z.string(),
  /** What it is: a lease's id, a lane, a file. */
  subject: z.string(),
  text: z.string(),
  /** `null`: not known. */
  since: Instant.nullable(),
  /** When it is over by itself; `null`: not by time, or not known. */
  until: Instant.nullable(),
  next: z.array(NextStep),
})
export type InTheWay = Readonly<z.infer<typeof InTheWay>>

/** Answer of `doctor`. `ok` is false for a fault alone; findings and what is in the way leave it true. */
export const DoctorAnswer = z.object({
  ...atLedger,
  ...atPlace,
  ok: z.boolean(),
  checks: z.array(LedgerCheck),
  inTheWay: z.array(InTheWay),
  /** `null`: nobody serves the store. Absent where the store is asked at the address of a server. */
  server: ServerJson.nullable().optional(),
})
export type DoctorAnswer = Readonly<z.infer<typeof DoctorAnswer>>
