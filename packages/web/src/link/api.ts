import type { Action } from '../model/rights.ts'
import { isStep } from '../model/requested.ts'
import { fieldsOf, listOf, textOf, type Fields } from '../model/log-event.ts'
import { EventStreamReader, type StreamEvent } from './event-stream.ts'

/** What a page may be told instead of an answer. */
export class ApiError extends Error {
  /** Of HTTP; 0: nobody answered. */
  readonly status: number
  readonly code: string
  readonly body: Fields

  constructor(status: number, body: Fields, message: string) {
    super(message)
    this.status = status
    this.code = textOf(body, 'code') ?? ''
    this.body = body
  }
}

/** Shows the server that a request comes from this page: a form of another site cannot set it. */
const OWN_HEADER = { 'Holdfast-Page': '1' }

/** A stream that has nothing to say shows every 15 s that it is there: one that is silent for longer is broken. */
const STREAM_SILENT_MS = 40_000

/** The time that an answer may take. */
const ANSWER_WITHIN_MS = 15_000

/** One ledger of the server that this page came from. */
export class LedgerApi {
  readonly #base: string

  constructor(ledger: string) {
    this.#base = `v1/ledgers/${encodeURIComponent(ledger)}`
  }

  /** Asks a question. Rejects with an `ApiError`. */
  ask(question: string, about: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Fields> {
    const query = new URLSearchParams(about).toString()
    return answered(
      `${this.#base}/${question}${query === '' ? '' : `?${query}`}`,
      signal === undefined ? {} : { signal },
    )
  }

  /** Asks why something is as it is: `r12`, a lease or a lane. */
  async why(name: string, signal: AbortSignal): Promise<Fields> {
    if (isStep(name)) throw new ApiError(422, {}, 'a browser cannot ask for this name; select one of its leases')
    return this.ask(`why/${encodeURIComponent(name)}`, {}, signal)
  }

  /** Does something. Sent again with its key, it is the same request: it is done once. */
  act(action: Action, about: object, key: string): Promise<Fields> {
    return answered(`${this.#base}/${action}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...OWN_HEADER },
      body: JSON.stringify(about),
    })
  }

  /** Gives the items of a stream until it ends. Resolves when it does; rejects with an `ApiError`. */
  async follow(stream: string, after: number | null, { take, signal }: Following): Promise<void> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (after !== null && after >= 0) headers['Last-Event-ID'] = String(after)
    // Without a revision it would begin with what is yet to come.
    const query = after === null || after < 0 ? '?from=0' : ''
    const response = await reached(`${this.#base}/${stream}${query}`, { headers, signal })
    if (!response.ok || response.body === null) throw await failureOf(response)
    const reader = new EventStreamReader()
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await inTime(pieces.read(), pieces)
      if (done) return
      take(reader.read(value))
    }
  }
}

export interface Following {
  readonly take: (events: readonly StreamEvent[]) => void
  readonly signal: AbortSignal
}

/** The names of the ledgers that there are. */
export async function askLedgers(): Promise<readonly string[]> {
  const answer = await answered('v1/ledgers', {})
  const named = answer['ledgers']
  const names = Array.isArray(named) ? named.filter(name => typeof name === 'string') : []
  return names.length > 0 ? names : listOf(answer, 'ledgers').flatMap(({ ledger, name }) => namesIn([ledger, name]))
}

/** What this page may do. */
export function askRights(): Promise<Fields> {
  return answered('v1/rights', {})
}

function namesIn(values: readonly unknown[]): readonly string[] {
  return values.filter(value => typeof value === 'string')
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

async function answered(path: string, asked: Asked): Promise<Fields> {
  const within = AbortSignal.timeout(ANSWER_WITHIN_MS)
  const signal = asked.signal === undefined ? within : AbortSignal.any([within, asked.signal])
  const response = await reached(path, { ...asked, headers: { Accept: 'application/json', ...asked.headers }, signal })
  if (!response.ok) throw await failureOf(response)
  return fieldsOf(await response.json()) ?? {}
}

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init })
  } catch (error) {
    throw new ApiError(0, {}, error instanceof Error ? error.message : String(error))
  }
}

/** Gives a stream up that is silent for too long. */
async function inTime<T>(reading: Promise<T>, pieces: { cancel: () => Promise<void> }): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ApiError(0, {}, 'the stream is silent')), STREAM_SILENT_MS)
  })
  try {
    return await Promise.race([reading, late])
  } catch (error) {
    pieces.cancel().catch(() => {})
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function failureOf(response: Response): Promise<ApiError> {
  let body: Fields = {}
  try {
    body = fieldsOf(await response.json()) ?? {}
  } catch {
    // Whoever stands between answers in words of its own.
  }
  const message = textOf(body, 'detail') ?? textOf(body, 'message') ?? textOf(body, 'title')
  return new ApiError(response.status, body, message ?? `The server answered ${response.status}.`)
}
