const ISO = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * The instant, in ms since the epoch, that a text names as programs write it: ISO 8601 with its zone, or a day, which
 * begins in UTC. `null`: it names none, a day that no month has included (`Date.parse` would take the next month's).
 */
export function isoInstant(text: string): number | null {
  const day = ISO.exec(text)?.[1]
  const atMs = day === undefined ? Number.NaN : Date.parse(text)
  if (Number.isNaN(atMs) || day === undefined) return null
  return new Date(day).toISOString().startsWith(day) ? atMs : null
}
