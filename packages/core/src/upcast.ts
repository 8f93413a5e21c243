import { SCHEMA_VERSION, type EventType } from './events.ts'
import type { RawEntry } from './raw-entry.ts'

type Fields = Readonly<Record<string, unknown>>
type Step = (data: Fields) => Fields
type Steps = Readonly<Partial<Record<EventType, Step>>>

/**
 * Version 0 was never published. It stands here as the worked example of an upcast: seconds instead of milliseconds, a
 * flag instead of a mode, and one cause under its old name.
 */
const FROM_VERSION_0: Steps = {
  ACQUIRE: ({ ttlSeconds, shared, ...data }) => ({
    ...data,
    ...(typeof ttlSeconds === 'number' ? { ttlMs: ttlSeconds * 1000, graceMs: data['graceMs'] ?? 0 } : {}),
    ...(typeof shared === 'boolean' ? { mode: shared ? 'shared' : 'exclusive' } : {}),
  }),
  SCAVENGE: data => (data['cause'] === 'ttl' ? { ...data, cause: 'expired' } : data),
}

/** By the version that they lead away from. */
const STEPS: readonly Steps[] = [FROM_VERSION_0]

/**
 * Reads an older entry as one of today, step by step from version to version. Pure and total: what a step does not know
 * it leaves alone, and whether the result is valid is for its schema to say. The log itself is never rewritten.
 */
export function upcast(raw: RawEntry): RawEntry {
  const { schemaVersion, type } = raw
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 0 || schemaVersion >= SCHEMA_VERSION) return raw
  let { data } = raw
  for (const steps of STEPS.slice(schemaVersion)) {
    const step = isEventType(type, steps) ? steps[type] : undefined
    if (step !== undefined && isFields(data)) data = step(data)
  }
  return { ...raw, schemaVersion: SCHEMA_VERSION, data }
}

function isEventType(type: string, steps: Steps): type is EventType {
  return typeof type === 'string' && Object.hasOwn(steps, type)
}

function isFields(data: unknown): data is Fields {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
