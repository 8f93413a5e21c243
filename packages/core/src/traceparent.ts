import type { ProcessIdentity } from './process-identity.ts'

/** `version-trace-parent-flags`, in small hexadecimal digits alone. What a later version adds comes behind a dash. */
const TRACEPARENT =
  /^(?<version>[\da-f]{2})-(?<trace>[\da-f]{32})-(?<parent>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/

/** Characters that are looked at: a later version may be longer, and nobody has to read a novel. */
const TRACEPARENT_LENGTH_MAX = 512

/** The bits that version 00 knows: sampled, and that the trace id is random. A reader of a later version keeps these. */
const KNOWN_FLAGS = 0b11

/**
 * Reads a W3C `traceparent` and gives it as version 00 writes it, 55 characters; `null` for what its rules do not allow:
 * version ff, an id of zeros alone, capital letters, and in version 00 anything behind the flags. A later version is read as
 * far as version 00 goes, without flags that are not known.
 */
export function parseTraceparent(text: string): string | null {
  const { version, trace, parent, flags, more } =
    (text.length <= TRACEPARENT_LENGTH_MAX ? TRACEPARENT.exec(text)?.groups : undefined) ?? {}
  if (version === undefined || trace === undefined || parent === undefined || flags === undefined) return null
  if (version === 'ff' || /^0+$/.test(trace) || /^0+$/.test(parent)) return null
  if (version === '00') return more === undefined ? text : null
  const known = (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16)
  return `00-${trace}-${parent}-0${known}`
}

/** The actor of events that belong to a trace: it is recorded there, where every version of this program keeps it. */
export function tracedActor(actor: ProcessIdentity | null, traceparent: string | undefined): ProcessIdentity | null {
  return actor === null || traceparent === undefined ? actor : { ...actor, traceparent }
}

/** The trace that an event belongs to; `null`: none is recorded, or nothing that is one. */
export function traceparentOf(actor: ProcessIdentity | null): string | null {
  const recorded = actor?.['traceparent']
  return typeof recorded === 'string' ? parseTraceparent(recorded) : null
}
