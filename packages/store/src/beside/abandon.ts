import type { EpochMs, Revision } from '@holdfast/core'
import type { LogStore, UnsealedState } from '../port.ts'
import { ABANDONED_TYPE, endOf, isBeside, sideEvent } from './side-state.ts'

/** A store that can give back the room of a side stream. */
export interface SideStore extends LogStore {
  /** Removes for good what stands before an event of a side stream. Interrupted, it is finished by the next call. */
  discardBefore(stream: string, event: Revision): Promise<void>
}

/** CHECKPOINTs of the log below a revision whose states are not sealed, or whose parts were not all removed, newest first. */
export async function unsealedBelow(
  store: Pick<LogStore, 'latestCheckpoint' | 'read'>,
  stream: string,
  below?: Revision,
): Promise<readonly UnsealedState[]> {
  const found: UnsealedState[] = []
  let checkpoint = await store.latestCheckpoint(stream, below)
  while (checkpoint !== null) {
    if (isBeside(checkpoint)) {
      const side = checkpoint.data.state.stream
      const end = await endOf(store, side)
      const isLeft = end.kind === 'unsealed' || (end.kind === 'abandoned' && end.hasParts)
      if (isLeft) found.push({ revision: checkpoint.revision, stream: side, parts: partsOf(end) })
    }
    checkpoint = await store.latestCheckpoint(stream, checkpoint.revision)
  }
  return found
}

/**
 * Gives up a state that is not sealed, and removes its parts. The side stream's end decides between this and whoever may
 * still be writing there: one of them appends, and the other one finds that it did not. A state that is sealed meanwhile
 * stays.
 */
export async function abandon(store: SideStore, stream: string): Promise<void> {
  return endWith(store, stream, { evenSealed: false })
}

/** Removes a state for good that nobody can begin at any more, because its CHECKPOINT is gone. */
export async function remove(store: SideStore, stream: string): Promise<void> {
  return endWith(store, stream, { evenSealed: true })
}

/** States beside the CHECKPOINTs of the archive that are older than a time. */
export async function statesBefore(
  store: Pick<LogStore, 'readArchive'>,
  stream: string,
  beforeMs: EpochMs,
): Promise<readonly { readonly revision: Revision; readonly stream: string }[]> {
  const found: { revision: Revision; stream: string }[] = []
  for await (const entries of store.readArchive(stream)) {
    for (const entry of entries.filter(isBeside)) {
      found.push({ revision: entry.revision, stream: entry.data.state.stream })
    }
    if ((entries.at(-1)?.recordedAt ?? 0) >= beforeMs) break
  }
  return found
}

async function endWith(
  store: SideStore,
  stream: string,
  { evenSealed }: { readonly evenSealed: boolean },
): Promise<void> {
  for (;;) {
    const end = await endOf(store, stream)
    if (end.kind === 'sealed' && !evenSealed) return
    if (end.kind === 'abandoned') {
      if (end.hasParts) await store.discardBefore(stream, (end.events - 1) as Revision)
      return
    }
    const expected = end.events === 0 ? 'none' : ((end.events - 1) as Revision)
    await store.append(stream, expected, [sideEvent(stream, ABANDONED_TYPE, { position: end.events })])
  }
}

function partsOf(end: { readonly kind: string; readonly events: number }): number {
  return end.kind === 'abandoned' ? end.events - 1 : end.events
}
