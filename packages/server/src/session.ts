import { rawOf, tracedActor, traceparentOf } from '@holdfast/core/internal'
import { pause } from '@holdfast/engine/internal'
import type { Socket } from 'node:net'
import type { LeaseId, LogEntry, ProcessIdentity } from '@holdfast/core'
import type { Timers } from '@holdfast/engine'
import {
  ClientHello,
  FRAME_BYTES_MAX,
  FrameReader,
  FrameWriter,
  HELLO_WITHIN_MS,
  IN_FLIGHT_MAX,
  LASTING_MAX,
  PROTOCOL,
  readClientMessage,
  type ClientMessage,
  type ServerHello,
  type ServerMessage,
} from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import type { Asker } from './asker.ts'
import { DONE_TOO_LONG, failureOf, TEXT_MAX, TOO_LONG } from './failure.ts'
import type { Gate } from './gate.ts'
import type { ServedLedger } from './hosted-ledgers.ts'
import type { Follower } from './streams.ts'

/** How long a frame that has begun may take to come. */
const FRAME_WITHIN_MS = 10_000

/** Bytes that may wait for a reader of a stream before it is given more, and for anybody before the connection ends. */
const STREAM_BYTES_MAX = 256 * 1024
const OUT_BYTES_MAX = 8 * FRAME_BYTES_MAX

/** How long a connection that ends waits for its last bytes to be taken. */
const LINGER_MS = 1_000

/** How long a reader of a stream may take nothing. */
export const SLOW_READER_MS = 10_000

export interface SessionOptions {
  readonly timers: Timers
  readonly open: (ledger: string) => Promise<ServedLedger>
  readonly hello: (ledger: ServedLedger) => ServerHello
  /** Aborts when the server takes no more commands. */
  readonly closing: AbortSignal
  readonly slowReaderMs: number
  /** What the other side may; absent: everything, as whoever may open the store. */
  readonly gate?: Gate | undefined
  /** Told once, when the connection is over, with why where it is somebody's fault. */
  readonly ended: (reason: string | null) => void
  /** Told of a store that is another one now. */
  readonly replaced: (error: StoreError) => void
}

type Request = Extract<ClientMessage, { readonly id: number }>
type LastingRequest = Extract<Request, { readonly do: 'wait' | 'follow' | 'read' }>

/** How often it is looked whether the other side still may, and gives signs of life. */
const GATE_LOOK_MS = 1_000
const GATE_CLOSED = 'the token was revoked or has expired'

/**
 * One connection. Whatever comes over it that is malformed, too much or too slow ends this connection, with a reason, and
 * nobody else's.
 */
export class Session {
  readonly #socket: Socket
  readonly #frames: FrameWriter
  readonly #options: SessionOptions
  readonly #reader = new FrameReader()
  readonly #gone = new AbortController()
  /** What lasts and can be cancelled. */
  readonly #lasting = new Map<number, AbortController>()
  readonly #watched = new Set<LeaseId>()
  /** What came with the hello, while the ledger is opened. */
  readonly #early: unknown[] = []
  #served: ServedLedger | null = null
  #asker: Asker
  #greeted = false
  #short = 0
  #cancelWithin: (() => void) | null = null
  #cancelGate: () => void = () => {}
  #heard = true

  constructor(socket: Socket, options: SessionOptions) {
    this.#socket = socket
    this.#frames = new FrameWriter(socket)
    this.#options = options
    this.#asker = { actor: null, gone: this.#gone.signal }
    socket.on('data', piece => this.#read(piece))
    socket.on('error', () => this.#end(null))
    // Whoever shuts its side down is taken for gone: it must stay to hear the answer.
    socket.on('end', () => this.#end(null))
    socket.on('close', () => this.#end(null))
    this.#within(HELLO_WITHIN_MS, 'no hello in time')
    if (options.gate !== undefined) this.#watchGate(options.gate)
  }

  /** Requests that are being answered. */
  get inFlight(): number {
    return this.#short + this.#lasting.size
  }

  /** Says goodbye and ends. */
  bye(reason: string): void {
    this.#send({ bye: reason.slice(0, TEXT_MAX) })
    this.#end(reason)
  }

  #read(piece: Buffer): void {
    if (this.#gone.signal.aborted) return
    this.#heard = true
    let messages: readonly unknown[]
    try {
      messages = this.#reader.read(piece)
    } catch (error) {
      this.bye(error instanceof Error ? error.message : String(error))
      return
    }
    this.#hear(messages)
    if (!this.#greeted || this.#gone.signal.aborted) return
    // One that has begun behind a whole one has its own time.
    if (!this.#reader.isWithin || messages.length > 0) this.#withinNothing()
    if (this.#reader.isWithin && this.#cancelWithin === null) {
      this.#within(FRAME_WITHIN_MS, 'a frame did not come in time')
    }
  }

  #hear(messages: readonly unknown[]): void {
    try {
      for (const message of messages) {
        if (this.#gone.signal.aborted) return
        if (!this.#greeted) this.#greet(message)
        else if (this.#served === null) this.#early.push(message)
        else this.#take(message, this.#served)
      }
    } catch {
      // A parser gives up on what is nested too deeply.
      this.bye('a request that cannot be read')
    }
  }

  #greet(message: unknown): void {
    const hello = ClientHello.safeParse(message)
    if (!hello.success) return this.bye('the first frame is no hello')
    if (hello.data.hello !== PROTOCOL) return this.bye(`this server speaks protocol ${PROTOCOL}`)
    this.#greeted = true
    this.#withinNothing()
    const { gate } = this.#options
    const actor = withTraceAlone(hello.data.actor)
    this.#asker = {
      actor: gate === undefined ? actor : gate.actor(actor),
      gone: this.#gone.signal,
      stillMay: gate && (() => gate.stands()),
    }
    this.#socket.pause()
    this.#options.open(hello.data.ledger).then(
      served => {
        if (this.#gone.signal.aborted) return
        this.#served = served
        this.#frames.write(this.#options.hello(served))
        this.#hear(this.#early.splice(0))
        this.#socket.resume()
      },
      (error: unknown) => {
        this.bye(error instanceof Error ? error.message : String(error))
        if (error instanceof StoreError && error.detail === 'replaced') this.#options.replaced(error)
      },
    )
  }

  #take(message: unknown, served: ServedLedger): void {
    const request = readClientMessage(message)
    if (request === null) return this.bye('a request that is not known')
    if (this.#options.gate?.stands() === false) return this.bye(GATE_CLOSED)
    if ('ping' in request) this.#send({ pong: request.ping, head: served.handlers.head })
    else if ('cancel' in request) this.#lasting.get(request.cancel)?.abort()
    else if ('unwatch' in request) this.#unwatch(request.unwatch)
    else if (request.do === 'wait' || request.do === 'follow' || request.do === 'read') this.#last(request, served)
    else this.#answer(request, served)
  }

  #answer(request: Request, served: ServedLedger): void {
    if (this.#short >= IN_FLIGHT_MAX) return this.bye(`more than ${IN_FLIGHT_MAX} requests are in flight`)
    this.#short += 1
    this.#settle(request, this.#handle(request, served), () => {
      this.#short -= 1
    })
  }

  #last(request: LastingRequest, served: ServedLedger): void {
    const most = this.#options.gate?.lastingMax ?? LASTING_MAX
    if (this.#lasting.size >= most) return this.bye(`more than ${most} requests last`)
    if (this.#lasting.has(request.id)) return this.bye(`the id ${request.id} is in use`)
    const cancel = new AbortController()
    this.#lasting.set(request.id, cancel)
    this.#settle(request, this.#lasts(request, served, cancel), () => this.#lasting.delete(request.id))
  }

  #settle({ id, do: asked }: Request, answer: Promise<object>, done: () => void): void {
    const settle = async (): Promise<void> => {
      try {
        const ok = await answer
        done()
        const isCommand = asked === 'submit' || asked === 'tell' || asked === 'wait'
        this.#send({ id, ok, head: this.#served?.handlers.head ?? 'none' }, isCommand ? DONE_TOO_LONG : TOO_LONG)
      } catch (error) {
        done()
        this.#send({ id, error: failureOf(error) })
        if (error instanceof StoreError && error.detail === 'replaced') this.#options.replaced(error)
      }
    }
    void settle()
  }

  async #lasts(request: LastingRequest, served: ServedLedger, cancel: AbortController): Promise<object> {
    await this.#options.gate?.demand(request, served)
    switch (request.do) {
      case 'wait':
        return this.#wait(request, served, cancel)
      case 'follow':
        return this.#follow(request, served, cancel)
      case 'read': {
        await served.handlers.read(request, this.#follower(request.id, cancel))
        return {}
      }
    }
  }

  async #handle(request: Request, served: ServedLedger): Promise<object> {
    const { handlers } = served
    const { gate } = this.#options
    if (gate !== undefined) await gate.demand(request, served)
    switch (request.do) {
      case 'submit': {
        if (this.#options.closing.aborted) throw closing()
        const { command, ...submitted } = request
        return handlers.submit(gate?.harmless(command) ?? command, submitted, this.#asker)
      }
      case 'tell': {
        if (this.#options.closing.aborted) throw closing()
        const { command, about, sentAfter } = request
        return handlers.tell(command, { about, sentAfter }, this.#asker)
      }
      case 'watch': {
        this.#watched.add(request.leaseId)
        const pending = await handlers.watch(request.leaseId, request.token, this.#tellEntries)
        if (this.#gone.signal.aborted) this.#unwatch(request.leaseId)
        return pending
      }
      case 'drains':
        return handlers.drains(request.leaseId, request.token)
      case 'ask':
        return handlers.ask(request.question, request.about)
      case 'store':
        return handlers.store(request.what)
      case 'wait':
      case 'follow':
      case 'read':
        throw new Error('it lasts')
    }
  }

  async #wait(
    { id, command, spanMs, predicates, traceparent }: Extract<Request, { readonly do: 'wait' }>,
    { handlers }: ServedLedger,
    cancel: AbortController,
  ): Promise<object> {
    const { closing: isClosing, gate } = this.#options
    if (isClosing.aborted) throw closing()
    const waiting = {
      spanMs,
      predicates,
      traceparent,
      signal: cancel.signal,
      onRefused: (refused: object, nowMs: number) => this.#send({ id, told: { refused, nowMs } }),
    }
    const answer = await handlers.wait(gate?.harmless(command) ?? command, waiting, this.#asker)
    // Its place is given up; whoever waits goes on elsewhere, with the same request.
    if (isClosing.aborted && answer.outcome.outcome === 'refused') throw closing()
    return answer
  }

  async #follow(
    { id, stream, after }: Extract<Request, { readonly do: 'follow' }>,
    { handlers }: ServedLedger,
    cancel: AbortController,
  ): Promise<object> {
    await handlers.follow(stream, after ?? 'none', this.#follower(id, cancel))
    return {}
  }

  #follower(id: number, cancel: AbortController): Follower {
    const signal = AbortSignal.any([cancel.signal, this.#gone.signal])
    const give = async (told: object): Promise<void> => {
      this.#send({ id, told })
      await this.#room(signal)
    }
    return { give, signal }
  }

  /** Waits until the reader has taken what it was given. A reader that takes nothing for too long is cut. */
  async #room(signal: AbortSignal): Promise<void> {
    const ms = this.#options.slowReaderMs
    while (this.#socket.writableLength >= STREAM_BYTES_MAX && !signal.aborted) {
      const drained = new AbortController()
      const wake = (): void => drained.abort()
      this.#socket.once('drain', wake)
      const before = this.#taken
      await pause(this.#options.timers, ms, AbortSignal.any([drained.signal, signal]))
      this.#socket.off('drain', wake)
      if (drained.signal.aborted || signal.aborted || this.#taken > before) continue
      const message = `This reader took nothing for ${ms} ms and is cut. Go on after what you have.`
      throw new StoreError('unavailable', message, { detail: 'slow-reader' })
    }
  }

  /** Bytes that have left this process. Those that are written and wait are counted by the socket as well. */
  get #taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }

  readonly #tellEntries = (entries: readonly LogEntry[]): void => this.#send({ entries: entries.map(rawOf) })

  #unwatch(leaseId: LeaseId): void {
    this.#watched.delete(leaseId)
    this.#served?.handlers.unwatch(leaseId, this.#tellEntries)
  }

  #send(message: ServerMessage, tooLong = TOO_LONG): void {
    if (this.#gone.signal.aborted) return
    // What lasts is told as long as it may be heard.
    if (('told' in message || 'entries' in message) && this.#options.gate?.stands() === false) {
      return this.bye(GATE_CLOSED)
    }
    try {
      this.#frames.write(message)
    } catch (error) {
      if ('told' in message) throw error
      if ('ok' in message) this.#send({ id: message.id, error: tooLong })
      // The client goes on by the store.
      else this.bye('what is to be told fits no frame')
      return
    }
    if (this.#socket.writableLength > OUT_BYTES_MAX) this.#end('it does not read its answers')
  }

  /** What lasts ends when the other side may no more, and when it gives no sign of life: then nobody may be there. */
  #watchGate(gate: Gate): void {
    let silentMs = 0
    const look = (): void => {
      if (!gate.stands()) return this.bye(GATE_CLOSED)
      silentMs = this.#heard ? 0 : silentMs + GATE_LOOK_MS
      this.#heard = false
      if (silentMs >= gate.silentMs) return this.bye('nothing was heard for too long')
      this.#cancelGate = this.#options.timers.after(GATE_LOOK_MS, look, { background: true })
    }
    this.#cancelGate = this.#options.timers.after(GATE_LOOK_MS, look, { background: true })
  }

  #within(spanMs: number, reason: string): void {
    let isOver = false
    // What lies in the socket is read first: a server that was busy for so long is the late one.
    const end = (): void => void setImmediate(() => isOver || this.bye(reason))
    const cancel = this.#options.timers.after(spanMs, end, { background: true })
    this.#cancelWithin = () => {
      isOver = true
      cancel()
    }
  }

  #withinNothing(): void {
    this.#cancelWithin?.()
    this.#cancelWithin = null
  }

  #end(reason: string | null): void {
    if (this.#gone.signal.aborted) return
    this.#withinNothing()
    this.#cancelGate()
    this.#gone.abort()
    for (const leaseId of this.#watched) this.#served?.handlers.unwatch(leaseId, this.#tellEntries)
    this.#watched.clear()
    this.#frames.flush()
    // What was said last is sent, if it is taken at once.
    this.#socket.destroySoon()
    const cut = this.#options.timers.after(LINGER_MS, () => this.#socket.destroy(), { background: true })
    this.#socket.once('close', cut)
    this.#options.ended(reason)
  }
}

/** The client as it says that it is recorded; what it calls a trace is recorded only if it is one. */
function withTraceAlone(actor: ProcessIdentity | null): ProcessIdentity | null {
  if (actor === null) return null
  const { traceparent: _given, ...process } = actor
  return tracedActor(process, traceparentOf(actor) ?? undefined)
}

function closing(): Error {
  return Object.assign(new Error('The server ends.'), { code: 'closing' })
}
