import { LineageJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { LogLine } from './log.ts'

/** Answer of `history`: who owned each lease of that name, and the newest events about it, oldest first. */
export const HistoryAnswer = z.object({
  ...atLedger,
  name: z.string(),
  lineage: z.array(LineageJson),
  events: z.array(LogLine),
  /** Events about it that are older than those shown. */
  earlierEvents: z.int().nonnegative(),
})
export type HistoryAnswer = Readonly<z.infer<typeof HistoryAnswer>>
