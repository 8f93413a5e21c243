import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Revision } from '@holdfast/core'
import { InputError } from '@holdfast/engine'
import { followHistory, type Head } from '@holdfast/store'
import { GoesOn } from '@holdfast/store/internal'
import type { Context } from 'hono'
import { logLine } from '../answers/log-line.ts'
import { passes, type LogFilter } from '../answers/log-filter.ts'
import { readLog } from '../answers/read-log.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import { followLeases, followVerdicts } from '../streams.ts'
import { ResponseStream, SlowReader } from './event-stream.ts'
import type { HttpEnv } from './env.ts'
import type { HttpParts } from './parts.ts'
import { Problem, problemOf } from './problem.ts'

/** Whether whoever asks wants events as they come. */
export function wantsEvents(c: Context<HttpEnv>): boolean {
  return (c.req.header('Accept') ?? '').includes('text/event-stream')
}

/** The log as lines, oldest first. */
export function logLines(
  c: Context<HttpEnv>,
  { hosted }: ServedLedger,
  parts: HttpParts,
  range: { readonly filter: LogFilter; readonly last: number | null },
): Promise<Response> {
  return streamed(c, parts, 'application/jsonl', async (stream, signal) => {
    const { store, stream: name } = hosted.ledger
    const head = await store.head(name)
    for await (const entry of readLog(store, name, range)) {
      if (signal.aborted || (head !== 'none' && entry.revision > head)) break
      await stream.line(logLine(entry))
    }
  })
}

/**
 * The log as it comes: after `Last-Event-ID`, else after `from`, else from now on. Each event has its revision as its id, so a
 * reader that comes again misses nothing and gets nothing twice.
 */
export async function logEvents(
  c: Context<HttpEnv>,
  { hosted }: ServedLedger,
  parts: HttpParts,
  { filter, from }: { readonly filter: LogFilter; readonly from: Revision | null },
): Promise<Response> {
  const after = await afterOf(c, from, hosted)
  return streamed(c, parts, 'text/event-stream', (stream, signal) =>
    followLog(stream, hosted, { after, filter, signal }),
  )
}

async function followLog(
  stream: ResponseStream,
  { ledger }: ServedLedger['hosted'],
  { after, filter, signal }: { readonly after: Head; readonly filter: LogFilter; readonly signal: AbortSignal },
): Promise<void> {
  const { store, stream: name } = ledger
  const goesOn = new GoesOn(store.url)
  for await (const item of followHistory(store, name, after, { signal })) {
    if (item.kind === 'truncated') await stream.event('truncated', { from: item.from, to: item.to }, item.to)
    if (item.kind === 'entries') {
      const wanted = item.entries.filter(entry => passes(filter, entry))
      await stream.events('entry', wanted, entry => ({ data: logLine(entry), id: entry.revision }))
    }
    const elsewhere = goesOn.elsewhere(item)
    if (elsewhere !== null) {
      await stream.event('moved', { message: elsewhere.message })
      break
    }
  }
}

/**
 * The log, the live set and the verdicts in one stream, by the names of their events: a browser has six connections for one
 * server, whatever the number of its windows. Only events of the log have ids, so whoever comes again goes on there.
 */
export async function allEvents(
  c: Context<HttpEnv>,
  { hosted }: ServedLedger,
  parts: HttpParts,
  from: Revision | null,
): Promise<Response> {
  const after = await afterOf(c, from, hosted)
  return streamed(c, parts, 'text/event-stream', async (stream, outer) => {
    const ended = new AbortController()
    const signal = AbortSignal.any([outer, ended.signal])
    const give = (item: object): Promise<void> => stream.event(kindOf(item), item)
    const all = [
      followLog(stream, hosted, { after, filter: EVERYTHING, signal }),
      followLeases(hosted.ledger, { signal, give }),
      followVerdicts(hosted.ledger, { signal, give }),
    ]
    try {
      await Promise.race(all)
    } finally {
      // None of them may write after the end.
      ended.abort()
      await Promise.allSettled(all)
    }
  })
}

const EVERYTHING: LogFilter = { types: null, lane: null, sinceMs: null }

/** The live set: all of it, then what changes. */
export function leaseEvents(c: Context<HttpEnv>, { hosted }: ServedLedger, parts: HttpParts): Promise<Response> {
  return streamed(c, parts, 'text/event-stream', (stream, signal) =>
    followLeases(hosted.ledger, { signal, give: item => stream.event(kindOf(item), item) }),
  )
}

/** The verdict on each lease, whenever it changes. */
export function verdictEvents(c: Context<HttpEnv>, { hosted }: ServedLedger, parts: HttpParts): Promise<Response> {
  return streamed(c, parts, 'text/event-stream', (stream, signal) =>
    followVerdicts(hosted.ledger, { signal, give: item => stream.event(kindOf(item), item) }),
  )
}

function kindOf(item: object): string {
  return 'kind' in item && typeof item.kind === 'string' ? item.kind : 'item'
}

/** After which revision it goes on. One that nobody has yet is a fault of whoever asks, and no loss of the store's. */
async function afterOf(c: Context<HttpEnv>, from: Revision | null, { ledger }: ServedLedger['hosted']): Promise<Head> {
  // Others may have written it since this server last read.
  await ledger.refresh()
  const { head } = ledger
  const last = c.req.header('Last-Event-ID')
  if (last === undefined) {
    if (from === null) return head
    return from === 0 ? 'none' : notBeyond(Revision.parse(from - 1), head, 'from')
  }
  const parsed = /^\d{1,16}$/.test(last) ? Revision.safeParse(Number(last)) : null
  if (parsed?.success === true) return notBeyond(parsed.data, head, 'Last-Event-ID')
  throw new InputError([{ path: 'Last-Event-ID', message: 'it is no revision' }])
}

function notBeyond(after: Revision, head: Head, path: string): Revision {
  if (head !== 'none' && after <= head) return after
  const newest = head === 'none' ? 'there is none' : `the newest revision is r${head}`
  throw new InputError([{ path, message: `r${after} does not exist yet; ${newest}` }])
}

async function streamed(
  c: Context<HttpEnv>,
  parts: HttpParts,
  type: 'text/event-stream' | 'application/jsonl',
  work: (stream: ResponseStream, signal: AbortSignal) => Promise<void>,
): Promise<Response> {
  const out = c.env.outgoing
  if (out === undefined) throw new Problem(500, 'unexpected', 'A stream needs a connection.')
  const { timers, closing, lasting, slowReaderMs, log } = parts
  const ends = [c.get('gone'), closing]
  await lasting.run({ ends, isGranted: c.get('isGranted'), token: c.get('grant').name }, async signal => {
    const stream = new ResponseStream(out, { timers, slowReaderMs, signal, type })
    try {
      await work(stream, signal)
      stream.end(signal.aborted ? reasonOf(signal, closing) : null)
    } catch (error) {
      if (error instanceof SlowReader) log.warn({ reason: error.message }, 'a reader was cut')
      else log.error({ err: error }, 'a stream failed')
      stream.end(error instanceof SlowReader ? error.message : problemOf(error).message)
    }
  })
  return RESPONSE_ALREADY_SENT
}

function reasonOf(signal: AbortSignal, closing: AbortSignal): string {
  if (closing.aborted) return 'the server ends'
  return typeof signal.reason === 'string' ? signal.reason : 'the connection ended'
}
