import { createHash } from 'node:crypto'
import { readHistory, StoreError, type LogStore } from '@holdfast/store'
import { withWholeStates } from '@holdfast/store/internal'
import { checkStore, checkText } from '../check-given.ts'
import { EXPORT_FORMAT, exportedEvent, type ExportHeader, type ExportTrailer } from './export-format.ts'

export interface ExportPiece {
  /** Whole lines, each with its line feed. */
  readonly text: string
  /** Events so far, this piece included. */
  readonly events: number
}

/**
 * A ledger's whole history, archive and log, as lines of JSON (docs/export-format.md), piece by piece: memory does not
 * grow with its length. What is recorded while it runs may be in it or not. Rejects as the store does, and with
 * `invalid` when there is no such ledger.
 */
export async function* exportLedger(
  store: LogStore,
  stream: string,
  signal?: AbortSignal,
): AsyncGenerator<ExportPiece, void, undefined> {
  checkStore(store)
  checkText(stream, 'stream')
  const hash = createHash('sha256')
  const seal = (text: string): string => {
    hash.update(text)
    return text
  }
  yield { text: seal(line(await headerOf(store, stream))), events: 0 }
  let events = 0
  for await (const entries of withWholeStates(store, readHistory(store, stream, { signal }))) {
    events += entries.length
    yield { text: seal(entries.map(entry => line(exportedEvent(entry))).join('')), events }
  }
  const trailer: ExportTrailer = { end: true, events, sha256: hash.digest('hex') }
  yield { text: line(trailer), events }
}

/** The archived events alone, in the same lines, without header and end. */
export async function* exportArchive(store: LogStore, stream: string): AsyncGenerator<ExportPiece, void, undefined> {
  checkStore(store)
  checkText(stream, 'stream')
  let events = 0
  for await (const entries of withWholeStates(store, store.readArchive(stream))) {
    events += entries.length
    yield { text: entries.map(entry => line(exportedEvent(entry))).join(''), events }
  }
}

async function headerOf(store: LogStore, stream: string): Promise<ExportHeader> {
  const checkpoint = await store.latestCheckpoint(stream)
  if (checkpoint === null) {
    throw new StoreError('invalid', `There is no ledger ${JSON.stringify(stream)} at ${store.url}.`)
  }
  const { dropped } = await store.archive(stream)
  return {
    holdfast: 'export',
    format: EXPORT_FORMAT,
    ledger: stream,
    ledgerId: checkpoint.data.ledgerId,
    dropped: dropped?.to ?? null,
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
