import { en } from 'chrono-node'

/** What names a time of day without naming one in figures. */
const NOW = /^now$/i

/** Dates in figures whose order of day and month nobody can know: `5/1/2026`, `01.05.2026`. */
const AMBIGUOUS = /\d[/.]\d/

const CHRONO = en.casual.clone()

/**
 * The instant that a text names as people say it: `14:03`, `yesterday 14:03`, `-2h`, `2h ago`, `2026-05-01 14:03`. Times
 * without a zone are those of this machine's zone. `null`: it names none, or not to the minute, or something else stands
 * beside it. The words are read by chrono-node; what it would fill in by itself (noon of a day) is not taken.
 */
export function spokenTime(text: string, nowMs: number): number | null {
  if (AMBIGUOUS.test(text)) return null
  const [found, ...others] = CHRONO.parse(text, new Date(nowMs), { forwardDate: false })
  if (found === undefined || others.length > 0 || found.end !== null) return null
  if (found.index !== 0 || found.text.length !== text.length) return null
  if (!NOW.test(text) && !found.start.isCertain('hour') && !isRelative(found.start.tags())) return null
  return found.start.date().getTime()
}

/** A span from now, to the second or the minute: `2h ago`. A span in days alone means the same time of day. */
function isRelative(tags: ReadonlySet<string>): boolean {
  return tags.has('result/relativeDateAndTime') || tags.has('result/relativeDate')
}
