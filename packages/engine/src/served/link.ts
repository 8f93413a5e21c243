import type { Socket } from 'node:net'
import { parseEntry, type Command, type Lease, type LogEntry, type PredicateVerdict } from '@holdfast/core'
import { StoreError, type Head, type StoreErrorCode } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import { InputError } from '../input-error.ts'
import { FrameWriter } from './frame-writer.ts'
import type { FrameReader } from './frame.ts'
import { greeted } from './greet.ts'
import { isAfter } from './head-order.ts'
import { LinkLost, RequestTooLong, AnswerTooLong } from './link-lost.ts'
import type { Failure, ServerHello, ServerMessage } from './messages-shapes.ts'
import type { ClientHello, ClientMessage } from './messages.ts'
import { NEAR, type Pace } from './pace.ts'
import { IN_FLIGHT_MAX, LASTING_MAX } from './protocol.ts'
import { readServerMessage } from './server-message.ts'

interface Greeted {
  readonly socket: Socket
  readonly reader: FrameReader
  readonly hello: ServerHello
  readonly timers: Timers
  readonly pace: Pace
}

export interface Answer {
  readonly ok: unknown
  readonly head: Head
}

interface Asked {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  readonly told: ((item: unknown) => void) | undefined
  readonly lasting: boolean
}

type Request = Extract<ClientMessage, { readonly id: number }>
type WithoutId<R> = R extends Request ? Omit<R, 'id'> : never

/**
 * One connection to a server, with many requests in flight. It is lost once and for good: then all that was asked for rejects
 * with `LinkLost`, and whoever asked goes elsewhere.
 */
export class ServerLink {
  readonly hello: ServerHello
  readonly #socket: Socket
  readonly #frames: FrameWriter
  readonly #timers: Timers
  readonly #asked = new Map<number, Asked>()
  /** Requests beyond what may be in flight. */
  readonly #queued: { readonly send: () => void; readonly reject: (error: unknown) => void }[] = []
  readonly #lostListeners = new Set<() => void>()
  #entries: (entries: readonly LogEntry[]) => void = () => {}
  #lost: LinkLost | null = null
  #nextId = 1
  #short = 0
  #heard = false
  #silentLooks = 0
  #cancelLook: (() => void) | null = null
  #cancelSign: (() => void) | null = null
  readonly #pace: Pace
  #head: Head

  private constructor({ socket, reader, hello, timers, pace }: Greeted) {
    this.hello = hello
    this.#socket = socket
    this.#frames = new FrameWriter(socket)
    this.#timers = timers
    this.#pace = pace
    this.#head = hello.head
    socket.removeAllListeners()
    if (pace.signEveryMs !== null) this.#signEvery(pace.signEveryMs)
    socket.on('data', piece => this.#read(reader, piece))
    socket.on('error', error => this.#lose(error.message))
    socket.on('close', () => this.#lose('the server closed the connection'))
    socket.unref()
  }

  /** Rejects with `LinkLost` when nobody answers, or answers otherwise than a server of this protocol; and as `to` does. */
  static async connect(
    to: string | (() => Promise<Socket>),
    {
      hello,
      timers,
      pace = NEAR,
    }: { readonly hello: Omit<ClientHello, 'hello'>; readonly timers: Timers; readonly pace?: Pace },
  ): Promise<ServerLink> {
    const socket = typeof to === 'string' ? await atPath(to) : await to()
    const { reader, answer } = await greeted(socket, { hello, timers, pace })
    return new ServerLink({ socket, reader, hello: answer, timers, pace })
  }

  /** The newest revision that the server has told of. */
  get head(): Head {
    return this.#head
  }

  get isLost(): boolean {
    return this.#lost !== null
  }

  /** Called once when the link is lost; at once if it is. */
  onLost(listener: () => void): void {
    if (this.#lost === null) this.#lostListeners.add(listener)
    else listener()
  }

  /** What the server tells of the leases that are watched. */
  onEntries(listener: (entries: readonly LogEntry[]) => void): void {
    this.#entries = listener
  }

  /** Rejects with `LinkLost`, or with the error that the server gave. */
  submit(
    command: Command,
    predicates: readonly PredicateVerdict[] | undefined,
    sentAfter: Head,
    sentAtBootMs?: number,
    traceparent?: string,
  ): Promise<Answer> {
    const asked = predicates && [...predicates]
    return this.#ask({ do: 'submit', command, predicates: asked, sentAfter, sentAtBootMs, traceparent })
  }

  /** As `submit`; answers with what came of it, in the form of the answers. */
  tell(command: Command, sentAfter: Head, about: Readonly<Record<string, unknown>>): Promise<Answer> {
    return this.#ask({ do: 'tell', command, sentAfter, about })
  }

  /** As `submit`, until the lease is granted, the span is over or the signal aborts. `told` hears each refusal. */
  wait(
    command: Extract<Command, { readonly type: 'acquire' }>,
    {
      spanMs,
      predicates,
      signal,
      told,
      traceparent,
    }: {
      readonly spanMs: number
      readonly predicates: readonly PredicateVerdict[] | undefined
      readonly signal: AbortSignal | undefined
      readonly told: (item: unknown) => void
      readonly traceparent?: string | undefined
    },
  ): Promise<Answer> {
    const asked = { do: 'wait', command, spanMs, predicates: predicates && [...predicates], traceparent } as const
    return this.lasting(asked, { signal, told })
  }

  /** A request that lasts: a wait, or a stream. */
  async lasting(
    request: WithoutId<Request>,
    { signal, told }: { readonly signal?: AbortSignal | undefined; readonly told: (item: unknown) => void },
  ): Promise<Answer> {
    if (this.#asked.size - this.#short >= LASTING_MAX)
      throw new LinkLost(`more than ${LASTING_MAX} requests wait on this connection`)
    const id = this.#nextId
    const cancel = (): void => this.#send({ cancel: id })
    const answered = this.#ask(request, { told, lasting: true })
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted === true) cancel()
    try {
      return await answered
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Hears of a lease from now on, and of what happened to it since its token; answers with its pending HALTs. */
  watch({ leaseId, token }: Lease): Promise<Answer> {
    return this.#ask({ do: 'watch', leaseId, token })
  }

  unwatch({ leaseId }: Lease): void {
    this.#send({ unwatch: leaseId })
  }

  drains({ leaseId, token }: Lease): Promise<Answer> {
    return this.#ask({ do: 'drains', leaseId, token })
  }

  /** What the store of the ledger says of itself. */
  store(what: Extract<ClientMessage, { readonly do: 'store' }>['what']): Promise<Answer> {
    return this.#ask({ do: 'store', what })
  }

  ask(question: string, about: Extract<ClientMessage, { readonly do: 'ask' }>['about'] = {}): Promise<Answer> {
    return this.#ask({ do: 'ask', question, about })
  }

  /** Ends the connection. What is in flight rejects with `LinkLost`. */
  close(): void {
    this.#lose('the link was closed')
  }

  #ask(
    request: WithoutId<Request>,
    { told, lasting = false }: { readonly told?: (item: unknown) => void; readonly lasting?: boolean } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== null) {
        reject(this.#lost)
        return
      }
      const send = (): void => {
        const id = this.#nextId
        this.#nextId += 1
        if (!lasting) this.#short += 1
        this.#asked.set(id, { resolve, reject, told, lasting })
        this.#socket.ref()
        this.#look()
        try {
          this.#frames.write({ ...request, id })
        } catch (error) {
          // It fits no frame and was never sent.
          this.#settle(id)
          reject(new RequestTooLong('the request fits no frame', { cause: error }))
        }
      }
      if (lasting || this.#short < IN_FLIGHT_MAX) send()
      else this.#queued.push({ send, reject })
    })
  }

  #settle(id: number): Asked | undefined {
    const asked = this.#asked.get(id)
    if (asked === undefined || !this.#asked.delete(id)) return undefined
    if (!asked.lasting) {
      this.#short -= 1
      this.#queued.shift()?.send()
    }
    if (this.#asked.size > 0) return asked
    this.#socket.unref()
    this.#cancelLook?.()
    this.#cancelLook = null
    return asked
  }

  #send(message: ClientMessage): void {
    if (this.#lost === null) this.#frames.write(message)
  }

  #read(reader: FrameReader, piece: Buffer): void {
    this.#heard = true
    try {
      for (const message of reader.read(piece)) {
        const known = readServerMessage(message)
        if (known === null) return this.#lose('the server said something that is not known')
        this.#take(known)
      }
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error))
    }
  }

  #take(message: ServerMessage): void {
    if ('head' in message && message.head !== undefined && isAfter(message.head, this.#head)) this.#head = message.head
    if ('ok' in message) this.#settle(message.id)?.resolve(message)
    else if ('error' in message) this.#settle(message.id)?.reject(errorOf(message.error))
    else if ('told' in message) this.#asked.get(message.id)?.told?.(message.told)
    else if ('entries' in message) this.#entries(message.entries.map(parseEntry))
    else if ('bye' in message) this.#lose(message.bye)
  }

  /** As long as something is asked for, the server has to give signs of life. */
  #look(): void {
    if (this.#cancelLook !== null) return
    this.#heard = false
    this.#silentLooks = 0
    const { lookEveryMs, silentLooksMax } = this.#pace
    const look = (): void => {
      this.#silentLooks = this.#heard ? 0 : this.#silentLooks + 1
      this.#heard = false
      if (this.#silentLooks >= silentLooksMax) {
        this.#lose('the server gives no sign of life')
        return
      }
      if (this.#silentLooks > 0) this.#send({ ping: this.#silentLooks })
      this.#cancelLook = this.#timers.after(lookEveryMs, look, { background: true })
    }
    this.#cancelLook = this.#timers.after(lookEveryMs, look, { background: true })
  }

  /** Whatever is asked for or not: a proxy keeps what is in use, and both sides notice when the other one is gone. */
  #signEvery(everyMs: number): void {
    let heard = true
    const sign = (): void => {
      if (!heard) return this.#lose('the server gives no sign of life')
      heard = false
      this.#send({ ping: 0 })
      this.#cancelSign = this.#timers.after(everyMs, sign, { background: true })
    }
    this.#socket.on('data', () => (heard = true))
    this.#cancelSign = this.#timers.after(everyMs, sign, { background: true })
  }

  #lose(reason: string): void {
    if (this.#lost !== null) return
    this.#lost = new LinkLost(reason)
    this.#cancelLook?.()
    this.#cancelSign?.()
    this.#socket.removeAllListeners()
    this.#socket.on('error', () => {})
    this.#socket.destroy()
    for (const { reject } of [...this.#asked.values(), ...this.#queued.splice(0)]) reject(this.#lost)
    this.#asked.clear()
    for (const listener of this.#lostListeners) listener()
  }
}

/**
 * A server that ends, or whose store was replaced under it, decides nothing any more; one whose answer fits no frame may have
 * decided: whoever asked goes elsewhere.
 */
function errorOf({ code, message, detail, faults }: Failure): Error {
  if (code === 'too-long') return new AnswerTooLong(message)
  if (code === 'closing' || detail === 'replaced') return new LinkLost(message)
  if (code === 'forbidden' || code === 'bad-token') return new StoreError('invalid', message, { detail: code })
  if (code === 'invalid-input') return new InputError(faults ?? [{ path: '', message }])
  const known = STORE_ERRORS.find(one => one === code)
  return new StoreError(known ?? 'unavailable', message, detail === undefined ? {} : { detail })
}

/** Loaded by those who have a server alone: one-shot commands start without it. */
async function atPath(path: string): Promise<Socket> {
  const { createConnection } = await import('node:net')
  return createConnection(path)
}

const STORE_ERRORS: readonly StoreErrorCode[] = [
  'no-ledger',
  'unavailable',
  'timeout-unknown-outcome',
  'corrupt',
  'foreign',
  'ledger-newer',
  'moved',
  'backup',
  'clock-mismatch',
  'invalid',
]
