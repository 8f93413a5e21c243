import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import type { RecordedEvent } from '@holdfast/core'
import { rawOf } from '@holdfast/core/internal'
import { PART_BYTES_MAX, PART_TYPE } from '../checkpoint-parts.ts'
import type { LogStore } from '../port.ts'
import { damagedState, endOf, type BesideCheckpoint, type Seal } from './side-state.ts'

/**
 * The CHECKPOINT with its state inline; `null` while that is not sealed. Throws `corrupt` unless the parts are exactly
 * what was sealed, for exactly this CHECKPOINT: a state that cannot be had is never an empty one.
 */
export async function withState(
  store: Pick<LogStore, 'read'>,
  checkpoint: BesideCheckpoint,
): Promise<RecordedEvent<'CHECKPOINT'> | null> {
  const { stream } = checkpoint.data.state
  const end = await endOf(store, stream)
  if (end.kind !== 'sealed') return null
  const { ledgerId, throughRevision } = end.seal
  if (ledgerId !== checkpoint.data.ledgerId || throughRevision !== checkpoint.data.throughRevision) {
    throw damagedState(stream, 'it was sealed for another CHECKPOINT')
  }
  const value = await readState(store, stream, end.seal)
  return { ...checkpoint, data: { ...checkpoint.data, state: { carrier: 'inline', value } } }
}

async function readState(store: Pick<LogStore, 'read'>, stream: string, seal: Seal) {
  const hash = createHash('sha256')
  const pieces: Buffer[] = []
  for await (const entries of store.read(stream, { limit: seal.parts })) {
    for (const entry of entries) {
      const { type, data } = rawOf(entry)
      if (type !== PART_TYPE || entry.revision !== pieces.length) break
      const piece = await unpacked(data, stream)
      hash.update(piece)
      pieces.push(piece)
    }
  }
  if (pieces.length !== seal.parts) throw damagedState(stream, `${pieces.length} of ${seal.parts} parts are there`)
  if (hash.digest('hex') !== seal.sha256) throw damagedState(stream, 'the parts were changed')
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Inline['value']
}

/** What comes out was JSON when it was sealed, and the hash says that it still is that text. */
type Inline = Extract<RecordedEvent<'CHECKPOINT'>['data']['state'], { carrier: 'inline' }>

/** Elsewhere than on this thread: between two parts whatever else is due has its turn. */
async function unpacked(data: unknown, stream: string): Promise<Buffer> {
  const text: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'text') : undefined
  try {
    return await promisify(brotliDecompress)(Buffer.from(String(text), 'base64'), { maxOutputLength: PART_BYTES_MAX })
  } catch (cause) {
    throw damagedState(stream, 'a part cannot be unpacked', cause)
  }
}
