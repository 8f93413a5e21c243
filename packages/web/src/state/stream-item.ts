import type { StreamEvent } from '../link/event-stream.ts'
import { fieldsOf, numberOf, readEvent, type Fields } from '../model/log-event.ts'
import type { Timeline } from '../model/timeline.ts'

/** What a piece of a stream says; `null`: nothing that can be read. */
export function parsed(data: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(data))
  } catch {
    return null
  }
}

/** Takes an event of the log: an entry, or that some are missing; then it answers up to which revision. */
export function takeEvent(timeline: Timeline, { event, data }: StreamEvent): number | null {
  const fields = parsed(data)
  if (fields === null) return null
  if (event === 'truncated') return numberOf(fields, 'to') ?? 0
  const entry = event === 'entry' ? readEvent(fields) : null
  if (entry !== null) timeline.take(entry)
  return null
}
