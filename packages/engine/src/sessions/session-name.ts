import { NAME_LENGTH_MAX } from '@holdfast/core/internal'
import { digest, keyText, type SessionKey } from './session-key.ts'
import type { SessionFiles } from './session-files.ts'

/** Characters of an id that a name shows at least. */
const SHOWN_MIN = 4

/** Characters of the number that tells names apart where the ids do not. */
const MARK_LENGTH = 8

/** What a name is made from besides the session. */
export interface Naming {
  /** `null`: nothing can be remembered, so a name has to be unlike every other by itself. */
  readonly files: SessionFiles | null
  /** What the name begins with: the agent's name, or for a sub-agent that of its session. */
  readonly begin: string
  /** Whether somebody else goes by the name in the ledger: a name that was forgotten is not given away. */
  readonly isInUse: (name: string) => boolean
}

/**
 * The name of a session as a holder: `claude-code/7f3a`, with the shortest beginning of its id that no other session's name
 * has. Once it is given it stays. Where nothing can be remembered, the name has the whole id and a number of the host.
 */
export function sessionName(key: SessionKey, { files, begin, isInUse }: Naming): string {
  const id = shownId(key.subagent ?? key.session)
  const mark = digest(keyText(key)).slice(0, MARK_LENGTH)
  if (files !== null) {
    try {
      for (let length = Math.min(SHOWN_MIN, id.length); length <= id.length; length += 1) {
        const name = named(begin, id.slice(0, length))
        if (!isInUse(name) && files.take(name, key)) return name
      }
      const told = named(begin, `${id.slice(0, SHOWN_MIN)}-${mark}`)
      if (files.take(told, key)) return told
    } catch {
      // A folder that cannot be written: as without one.
    }
  }
  return named(begin, `${id.slice(0, NAME_LENGTH_MAX / 2)}-${mark}`)
}

/** An id may hold anything; what makes no good name is left out. */
function shownId(id: string): string {
  const shown = id.replaceAll(/[^A-Za-z0-9]+/g, '').toLowerCase()
  return shown === '' ? digest(id) : shown
}

function named(begin: string, end: string): string {
  return `${begin.slice(0, NAME_LENGTH_MAX - end.length - 1)}/${end}`
}
