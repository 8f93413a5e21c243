const STAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/i

/**
 * Reads an ISO 8601 stamp into whole milliseconds since the epoch, rounded down; `null` when it is none. A stamp without
 * a zone is UTC: `Date.parse` would take it for local time, and let a 31st of February pass.
 */
export function parseStamp(text: string): number | null {
  const parts = STAMP.exec(text.trim())
  if (parts === null) return null
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = parts
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  date.setUTCHours(Number(hour), Number(minute), Number(second), ms)
  const offsetMs = offsetOf(zone)
  return offsetMs === null ? null : date.getTime() - offsetMs
}

function offsetOf(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = (zone.match(/\d{2}/g) ?? []).map(Number)
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1000
}
