import { checkpointData } from '../decide/checkpoint.ts'
import { SCHEMA_VERSION } from '../events.ts'
import type { CheckpointData } from '../checkpoint-event.ts'
import { nextRevision, type EpochMs, type EventId } from '../ids.ts'
import { parseEntry, type LogEntry } from '../log-entry.ts'
import type { LedgerState } from '../state/ledger-state.ts'

const CHECKPOINT_ID = '00000000-0000-5000-8000-00000000c0de' as EventId

/** What a CHECKPOINT of this state would carry; `checkpointData` is the right one, a law's test plants others. */
export type WriteCheckpoint = (state: LedgerState) => CheckpointData

/** The CHECKPOINT that core writes. */
export const writeCheckpoint: WriteCheckpoint = state => checkpointData(state, { reason: 'law' })

/**
 * The CHECKPOINT of `state` as a log gives it back: written as JSON, parsed again, at the first revision after the head.
 */
export function checkpointEntry(state: LedgerState, write: WriteCheckpoint): LogEntry {
  const raw = {
    eventId: CHECKPOINT_ID,
    revision: nextRevision(state.head),
    recordedAt: state.clockMs satisfies EpochMs,
    type: 'CHECKPOINT',
    schemaVersion: SCHEMA_VERSION,
    actor: null,
    data: JSON.parse(JSON.stringify(write(state))) as unknown,
  }
  return parseEntry(raw)
}
