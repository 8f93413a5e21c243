import type { CommandRequest } from '../input/command-request.ts'
import { failureOf } from '../failure/failure.ts'
import { beginEdit, endEdit } from '../trespass/own-edits.ts'
import type { WatchedCall } from '../trespass/watch-file.ts'

/**
 * Around a tool that edits files by name: what it makes of them is known for the session's own work. `written`: what it is
 * about to write; `null`: it has run. Answers why that could not be noted.
 */
export function noteEdit(about: WatchedCall, written: CommandRequest | null): string | null {
  try {
    if (written === null) endEdit(about)
    else
      beginEdit(
        about,
        written.paths.flatMap(({ inside }) => inside),
      )
    return null
  } catch (error) {
    return failureOf(error).message
  }
}
