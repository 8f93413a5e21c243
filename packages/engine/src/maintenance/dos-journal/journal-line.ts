import * as z from 'zod'
import { parseStamp } from '../../heartbeat/stamp.ts'

/** What every entry of a journal has: an operation. The rest is for its own schema to say. */
const Operation = z.looseObject({ op: z.string().min(1).max(64), ts: z.unknown().optional() })

/** The sentinel that a compaction of the journal left for a line that was torn before it. */
const TORN = '_CORRUPT'

export type JournalLine =
  | {
      readonly ok: true
      readonly op: string
      /** When it says that it was written; `null` when it does not say. */
      readonly atMs: number | null
      readonly entry: Readonly<Record<string, unknown>>
    }
  | { readonly ok: false; readonly detail: string }

/** Reads one line; total. A line that holds no operation is corrupt, whatever else stands in it. */
export function readJournalLine(text: string): JournalLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, detail: 'it is no JSON' }
  }
  const parsed = Operation.safeParse(value)
  if (!parsed.success) return { ok: false, detail: 'it names no operation (op)' }
  const { op, ts } = parsed.data
  if (op === TORN) return { ok: false, detail: 'the journal itself marks it as torn' }
  return { ok: true, op, atMs: typeof ts === 'string' ? parseStamp(ts) : null, entry: parsed.data }
}
