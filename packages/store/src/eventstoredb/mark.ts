import * as z from 'zod'
import { StoreError } from '../errors.ts'

/** Version of these marks. A newer one is not guessed at. */
const FORMAT = 1

const integer = z.int()

/**
 * What stood before an event, told by its writer. Only an append at an expected head can tell, because the server takes
 * it there or nowhere; so an event that carries it can be read without anything before it.
 */
const Before = z.object({
  /** Revision minus position. */
  o: integer.optional(),
  /** The log's clock minus the server's. */
  k: integer.optional(),
  /** Position of the newest CHECKPOINT before; absent when there is none. */
  c: integer.optional(),
  /** `recordedAt` may not be below; absent before the first event. */
  f: integer.optional(),
  /** Nor below `created` plus this, by events before it in the same append. */
  l: integer.optional(),
})
export type Before = z.infer<typeof Before>

/** The metadata of each event, short because the server counts it against the size of an append. */
const Mark = z.object({
  /** How many events stand before it in the same append. Also says that Holdfast wrote it. */
  hf: integer.min(0),
  v: integer.optional(),
  /** Schema version, when it is not 1. */
  s: integer.optional(),
  /** `recordedAt` of an import. */
  t: integer.optional(),
  /** Event id, when the server knows it by another. */
  e: z.string().optional(),
  /** Who appended it, on the first event of an append at an expected head: only for the order between processes. */
  w: z.string().optional().catch(undefined),
  /** How many milliseconds an append takes from there. */
  wt: z.number().optional().catch(undefined),
  /** On the first event of an append at an expected head, and on every CHECKPOINT. */
  p: Before.optional(),
})
export type Mark = z.infer<typeof Mark>

/** Reads an event's metadata. Throws `foreign` for what Holdfast did not write, `ledger-newer` for a later format. */
export function readMark(metadata: unknown, { stream, position }: { stream: string; position: number }): Mark {
  const parsed = Mark.safeParse(metadata)
  const at = `The stream ${JSON.stringify(stream)} holds an event at ${position} that`
  if (!parsed.success) {
    const message = `${at} Holdfast did not write. Nothing was changed; check --store and --ledger.`
    throw new StoreError('foreign', message, { cause: parsed.error })
  }
  if ((parsed.data.v ?? FORMAT) > FORMAT) {
    throw new StoreError('ledger-newer', `${at} a newer Holdfast wrote. Use that version.`)
  }
  return parsed.data
}
