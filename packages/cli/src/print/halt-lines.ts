import type { LeaseJson } from '@holdfast/projections'
import type { TypedLine } from '../program/typed-line.ts'
import type { PendingHalt } from '../schemas/pending-halt.ts'
import { plain } from './plain.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'

/** Tells a holder that it is asked to stop, and how it says that it has. */
export function haltLines(
  halt: PendingHalt | null,
  { lane, holder, token }: LeaseJson,
  { typed, nowMs }: { readonly typed: TypedLine; readonly nowMs: number },
): readonly string[] {
  if (halt === null) return []
  const { revision, handle, reason, at } = halt
  const why = reason === '' ? '' : `: ${plain(reason)}`
  const release = typed.call('release', [lane], { holder, token: String(token) })
  return [
    `${tone.bad('halt')}  you were asked to stop ${instant(Date.parse(at), nowMs)}, r${revision} (${plain(handle)}${why})`,
    `  next  stop what you do, then: ${tone.strong(release)}`,
  ]
}
