/** The types of events that the page knows. Whatever else stands in the log is shown by its own name. */
export const EVENT_TYPES = [
  'ACQUIRE',
  'RELEASE',
  'HEARTBEAT',
  'ADOPT',
  'HALT',
  'SPAWN',
  'SCAVENGE',
  'REFUSE',
  'CHECKPOINT',
  'UNRECOGNISED',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** One event of the log, as a line of it says it. Instants are ms. */
export interface LogEvent {
  readonly revision: number
  readonly type: EventType
  readonly atMs: number
  readonly eventId: string
  readonly causation: string | null
  readonly runId: string | null
  readonly actor: Fields | null
  readonly data: Fields
}

/** What an object of the log says. Members are looked at one by one: newer programs write more than is known here. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads one line of the log; `null` for what is no event. */
export function readEvent(line: unknown): LogEvent | null {
  const fields = fieldsOf(line)
  if (fields === null) return null
  const { revision, type, recordedAt, eventId } = fields
  const atMs = typeof recordedAt === 'number' ? recordedAt : Date.parse(String(recordedAt))
  if (typeof revision !== 'number' || Number.isNaN(atMs)) return null
  return {
    revision,
    type: EVENT_TYPES.find(known => known === type) ?? 'UNRECOGNISED',
    atMs,
    eventId: typeof eventId === 'string' ? eventId : '',
    causation: textOf(fields, 'causation'),
    runId: textOf(fields, 'runId'),
    actor: fieldsOf(fields['actor']),
    data: fieldsOf(fields['data']) ?? {},
  }
}

export function fieldsOf(value: unknown): Fields | null {
  // What is an object and no list has members by name.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

export function textOf(fields: Fields, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export function numberOf(fields: Fields, name: string): number | null {
  const value = fields[name]
  return typeof value === 'number' ? value : null
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name]
  if (!Array.isArray(value)) return []
  const members: Fields[] = []
  for (const member of value) {
    const fields = fieldsOf(member)
    if (fields !== null) members.push(fields)
  }
  return members
}

/** The names in a list of texts. */
export function textsOf(fields: Fields, name: string): readonly string[] {
  const value = fields[name]
  return Array.isArray(value) ? value.filter(member => typeof member === 'string') : []
}
