import type { Ledger } from '@holdfast/engine/lean'

const BATCH = 1000

/** Appends so many small events (a multiple of 1,000) as fast as a store takes them. */
export async function appendBeats({ store, stream }: Ledger, count: number): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const head = await store.head(stream)
    const { outcome } = await store.append(stream, head, beats(head === 'none' ? 0 : head + 1))
    if (outcome !== 'appended') throw new Error('somebody else writes to a ledger that is being made')
  }
}

function beats(from: number) {
  return Array.from({ length: BATCH }, (_, index) => ({
    eventId: `00000000-0000-5000-8000-${(from + index).toString(16).padStart(12, '0')}`,
    type: 'HEARTBEAT',
    schemaVersion: 1,
    actor: null,
    data: { lane: 'api', leaseId: 'api@1', token: 1, reason: `beat ${from + index}` },
  }))
}
