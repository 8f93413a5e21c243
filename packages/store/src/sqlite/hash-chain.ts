import { hash } from 'node:crypto'
import { StoreError } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'

/** What the first event of a stream chains to. */
export const CHAIN_START = ''

/**
 * Hash of an event: over the hash before it, its stream's name and all its columns. The JSON line ends at the first
 * line break, so that no two different events have the same text.
 */
export function chainHash(before: string, stream: string, event: StoredEvent): string {
  const { position, revision, eventId, type, schemaVersion, recordedAtMs, body } = event
  const line = JSON.stringify([before, stream, position, revision, eventId, type, schemaVersion, recordedAtMs])
  return hash('sha256', `${line}\n${body}`)
}

/** Hash over the columns of a bookkeeping row, so that a flipped bit in one cannot pass for a smaller ledger. */
export function sealOf(columns: readonly (string | number | null)[]): string {
  return hash('sha256', JSON.stringify(columns))
}

/** An event whose hash, or place, is not what the chain demands. */
export function brokenChain(stream: string, position: number, detail: 'chain' | 'gap' | 'seal'): StoreError {
  const what = { chain: 'was changed', gap: 'is missing', seal: 'is at odds with the bookkeeping' }[detail]
  const message = `The event at position ${position} of ledger ${JSON.stringify(stream)} ${what}: the store is damaged. Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { detail })
}
