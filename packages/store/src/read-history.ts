import type { LogEntry, Revision } from '@holdfast/core'
import type { ArchiveReadOptions, LogStore } from './port.ts'

type Source = Pick<LogStore, 'readArchive' | 'read' | 'archive'>

/**
 * Archive and log as one history, oldest first: everything that was ever recorded, less what was dropped from the
 * archive. A compaction meanwhile, also between the two, leaves no gap and nothing twice. Rejects as the store does.
 */
export async function* readHistory(
  store: Source,
  stream: string,
  { from, signal }: ArchiveReadOptions = {},
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  let last: number | null = from === undefined ? null : from - 1
  for (let cut = true; cut;) {
    cut = false
    for await (const entries of store.readArchive(stream, { from: after(last), signal })) {
      last = entries.at(-1)?.revision ?? last
      yield entries
    }
    for await (const entries of store.read(stream, { from: after(last), signal })) {
      if (await leapsOver(store, stream, entries, last)) {
        cut = true // What lies between has just gone into the archive.
        break
      }
      last = entries.at(-1)?.revision ?? last
      yield entries
    }
  }
}

/** Whether entries begin with a CHECKPOINT that stands for archived history after `last`. */
async function leapsOver(
  store: Source,
  stream: string,
  [first]: readonly LogEntry[],
  after: number | null,
): Promise<boolean> {
  const last = after ?? -1
  if (first?.type !== 'CHECKPOINT' || first.data.throughRevision <= last) return false
  const { held } = await store.archive(stream)
  return held !== null && held.to > last
}

/** Where to go on; `undefined`, from the very beginning, whatever stands there. */
function after(last: number | null): Revision | undefined {
  return last === null ? undefined : ((last + 1) as Revision)
}
