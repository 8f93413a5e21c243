import { parseEntry } from '@holdfast/core'
import type { SubscriptionItem } from '@holdfast/store'
import { Raw, ReadItem } from './read-messages.ts'
import { readBy } from './read-shape.ts'

/** Puts together what is read of a log over a link: an entry that fits no frame comes in pieces of its text. */
export class EntryPieces {
  readonly #pieces: string[] = []

  /** What is whole now; `null`: not yet. */
  take(given: unknown): SubscriptionItem | null {
    const item: ReadItem = readBy(ReadItem, given)
    if ('entries' in item) return { kind: 'entries', entries: item.entries.map(parseEntry) }
    if (!('piece' in item)) return item
    this.#pieces.push(item.piece)
    if (!item.isLast) return null
    const raw: unknown = JSON.parse(this.#pieces.splice(0).join(''))
    return { kind: 'entries', entries: [parseEntry(readBy(Raw, raw))] }
  }
}
