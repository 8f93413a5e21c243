import { createHash } from 'node:crypto'
import { CommandId, type Revision } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** A command that comes again under its key is recognised for so many events. */
export const REPEATS_EVENTS = 10_000

/** The id of a command that may come again: the same parts give the same id. */
export function repeatableId(parts: readonly (string | null)[]): CommandId {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  // A UUID of version 8: made by a rule of one's own.
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return CommandId.parse(groups.join('-'))
}

/** From where on the log is looked through for a command that may have been done before. */
export function mayStandAfter(head: Head): Head | undefined {
  if (head === 'none') return undefined
  return head < REPEATS_EVENTS ? 'none' : ((head - REPEATS_EVENTS) as Revision)
}
