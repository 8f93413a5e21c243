import type { LogEntry } from '@holdfast/core'
import { rawOf } from '@holdfast/core/internal'
import type { LiveLedger } from '@holdfast/engine'
import { READ_MAX, type ClientMessage } from '@holdfast/engine/served'
import type { Head } from '@holdfast/store'
import type { Follower } from './streams.ts'

/** Bytes of text that the entries of one item take, where there are several, and characters of a piece of a larger one. */
const ITEM_BYTES_MAX = 128 * 1024
/** In a frame a character may take six bytes. */
const PIECE_LENGTH = 96 * 1024

export type ReadAsked = Extract<ClientMessage, { readonly do: 'read' }>

/** Gives what a store gives to a reader: at most so many entries, or the newest CHECKPOINT. */
export async function readStore(
  { store, stream }: Pick<LiveLedger, 'store' | 'stream'>,
  { what, from, direction, limit }: ReadAsked,
  follower: Follower,
): Promise<void> {
  const { signal } = follower
  const most = Math.min(limit, READ_MAX)
  if (what === 'checkpoint') {
    const checkpoint = await store.latestCheckpoint(stream, from)
    if (checkpoint !== null) await giveEntries([checkpoint], follower)
    return
  }
  const reading =
    what === 'log'
      ? store.read(stream, { from, direction, limit: most, signal })
      : store.readArchive(stream, { from, signal })
  let left = most
  for await (const entries of reading) {
    await giveEntries(entries.slice(0, left), follower)
    left -= entries.length
    if (left <= 0 || signal.aborted) return
  }
}

/** What a store gives to a subscriber. */
export async function followStore(
  { store, stream }: Pick<LiveLedger, 'store' | 'stream'>,
  after: Head,
  follower: Follower,
): Promise<void> {
  for await (const item of store.subscribe(stream, after, { signal: follower.signal })) {
    if (item.kind === 'entries') await giveEntries(item.entries, follower)
    else await follower.give(item)
  }
}

async function giveEntries(entries: readonly LogEntry[], { give, signal }: Follower): Promise<void> {
  let item: object[] = []
  let bytes = 0
  const giveItem = async (): Promise<void> => {
    if (item.length > 0) await give({ entries: item })
    item = []
    bytes = 0
  }
  for (const raw of entries.map(rawOf)) {
    if (signal.aborted) return
    const text = JSON.stringify(raw)
    if (bytes + text.length > ITEM_BYTES_MAX) await giveItem()
    if (text.length > ITEM_BYTES_MAX) {
      for (let at = 0; at < text.length; at += PIECE_LENGTH) {
        await give({ piece: text.slice(at, at + PIECE_LENGTH), isLast: at + PIECE_LENGTH >= text.length })
      }
      continue
    }
    item.push(raw)
    bytes += text.length
  }
  await giveItem()
}
