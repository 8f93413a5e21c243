import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import type { LedgerId, Revision } from '@holdfast/core'
import { PART_BYTES_MAX, PART_TYPE } from '../checkpoint-parts.ts'
import { StoreError } from '../errors.ts'
import type { LogStore, NewEvent } from '../port.ts'
import { SEALED_TYPE, sideEvent } from './side-state.ts'

const QUALITY = 4

/** Whose state it is. */
export interface StateBeside {
  readonly stream: string
  readonly ledgerId: LedgerId
  readonly throughRevision: number
}

/**
 * Writes the state of a CHECKPOINT that stands in the log beside it, part by part, and seals it: each part is an append of
 * its own, so others have their turn between any two. Whoever gives the state up meanwhile (`abandon`) wins over the next
 * part, and over the seal. Until it is sealed nobody begins at the CHECKPOINT.
 *
 * Rejects as the store does, and with `timeout-unknown-outcome` when the state was given up.
 */
export async function writeState(
  store: Pick<LogStore, 'append'>,
  { stream, ledgerId, throughRevision }: StateBeside,
  pieces: Iterable<string>,
): Promise<void> {
  const hash = createHash('sha256')
  let parts = 0
  let bytes = 0
  for (const part of inParts(pieces)) {
    hash.update(part)
    bytes += part.length
    const data = { position: parts, index: parts, text: await packed(part) }
    await append(store, stream, { events: parts, event: sideEvent(stream, PART_TYPE, data) })
    parts += 1
  }
  const seal = { position: parts, ledgerId, throughRevision, parts, bytes, sha256: hash.digest('hex') }
  await append(store, stream, { events: parts, event: sideEvent(stream, SEALED_TYPE, seal) })
}

async function append(
  store: Pick<LogStore, 'append'>,
  stream: string,
  { events, event }: { readonly events: number; readonly event: NewEvent },
): Promise<void> {
  const result = await store.append(stream, events === 0 ? 'none' : ((events - 1) as Revision), [event])
  if (result.outcome === 'appended') return
  const message = `Another process removed the state that was being written to ${stream}. Readers skip its CHECKPOINT. Write another one.`
  throw new StoreError('timeout-unknown-outcome', message)
}

async function packed(part: Buffer): Promise<string> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY }
  return (await promisify(brotliCompress)(part, { params })).toString('base64')
}

/** The text in pieces of exactly so many bytes, the last one apart; the pieces that come in are small. */
function* inParts(pieces: Iterable<string>): Generator<Buffer, void, undefined> {
  let pending: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    pending = Buffer.concat([pending, Buffer.from(piece)])
    while (pending.length >= PART_BYTES_MAX) {
      yield pending.subarray(0, PART_BYTES_MAX)
      pending = pending.subarray(PART_BYTES_MAX)
    }
  }
  if (pending.length > 0) yield pending
}
