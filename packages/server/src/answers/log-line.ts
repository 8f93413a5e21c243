import type { LogEntry } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'

/** One entry as a line of `log`; `LogLine` is its schema. What cannot be read is handed on as the store has it. */
export function logLine(entry: LogEntry): object {
  if (entry.type === 'UNRECOGNISED') {
    const { revision, recordedAt, problem, detail, raw } = entry
    const { type, schemaVersion, eventId, causation, runId, actor, data } = raw
    const unrecognised = { type, schemaVersion, problem, detail }
    return {
      revision,
      type: entry.type,
      recordedAt: instantOf(recordedAt),
      eventId,
      causation,
      runId,
      actor,
      data,
      unrecognised,
    }
  }
  const { revision, type, recordedAt, eventId, causation, runId, actor, data } = entry
  return { revision, type, recordedAt: instantOf(recordedAt), eventId, causation, runId, actor, data }
}
