import { pause } from '@holdfast/engine/internal'
import type { Socket } from 'node:net'
import { thisProcess, type Timers } from '@holdfast/engine'
import { PROTOCOL, type ServerHello } from '@holdfast/engine/served'
import type { StoreError } from '@holdfast/store'
import type { Gate } from './gate.ts'
import type { HostedLedgers, ServedLedger } from './hosted-ledgers.ts'
import type { Log } from './log.ts'
import { Session } from './session.ts'

/** Connections at once. */
export const CONNECTIONS_MAX = 4_096

/** How long a door that closes waits for what is in flight, and how often it looks. */
const SETTLE_MS = 5_000
const SETTLE_LOOK_MS = 10

interface DoorParts {
  readonly ledgers: HostedLedgers
  readonly timers: Timers
  /** Aborts when no more commands are taken. */
  readonly closing: AbortSignal
  readonly log: Log
  readonly slowReaderMs: number
  /** Told when the store is another one now. */
  readonly replaced: (error: StoreError) => void
}

/** The connections of programs that speak frames. What they ask for is done by the handlers that every door uses. */
export class Door {
  readonly #parts: DoorParts
  readonly #sessions = new Set<Session>()

  constructor(parts: DoorParts) {
    this.#parts = parts
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Begins to serve a connection. `gate`: it came with a token, for one ledger. */
  accept(socket: Socket, gated?: { readonly gate: Gate; readonly ledger: string }): void {
    const { ledgers, timers, closing, log, slowReaderMs, replaced } = this.#parts
    if (this.#sessions.size >= CONNECTIONS_MAX || closing.aborted) {
      log.warn({ connections: this.#sessions.size }, 'a connection was not taken')
      socket.destroy()
      return
    }
    const session: Session = new Session(socket, {
      timers,
      open: name => (gated === undefined || gated.ledger === name ? ledgers.of(name) : Promise.reject(notThis(name))),
      hello,
      gate: gated?.gate,
      closing,
      slowReaderMs,
      ended: reason => {
        this.#sessions.delete(session)
        if (reason !== null && !closing.aborted) log.warn({ reason }, 'a connection was ended')
      },
      replaced,
    })
    this.#sessions.add(session)
  }

  /** Waits until what is in flight is answered, and ends the connections. */
  async close(reason: string): Promise<void> {
    let leftMs = SETTLE_MS
    while ([...this.#sessions].some(({ inFlight }) => inFlight > 0) && leftMs > 0) {
      await pause(this.#parts.timers, SETTLE_LOOK_MS)
      leftMs -= SETTLE_LOOK_MS
    }
    for (const session of this.#sessions) session.bye(reason)
  }
}

function hello({ hosted, file, handlers }: ServedLedger): ServerHello {
  const { ledger, boot } = hosted
  const { bootId, timeNamespace, originMs } = boot.origin
  return {
    hello: PROTOCOL,
    process: thisProcess(),
    store: { url: ledger.url, file, kind: ledger.store.kind, clock: ledger.store.clock },
    ledgerId: ledger.ledgerId,
    head: handlers.head,
    boot: { bootId, timeNamespace, originMs },
  }
}

function notThis(name: string): Error {
  return new Error(`this connection is not for the ledger ${JSON.stringify(name.slice(0, 64))}`)
}
