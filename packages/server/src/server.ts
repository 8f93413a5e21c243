import { storeUrlOf } from '@holdfast/store/internal'
import { chmodSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { systemTimers, type LiveLedgerOptions, type Timers } from '@holdfast/engine'
import { fileIdentity, isOwnSocket, type Announcement } from '@holdfast/engine/served'
import { openStore, StoreError } from '@holdfast/store'
import { Place } from './announce.ts'
import { Door } from './door.ts'
import type { HttpDoor } from './http/listen.ts'
import { listenPlace, type HttpListen } from './http/listen-place.ts'
import { HostedLedgers, type HostedOptions } from './hosted-ledgers.ts'
import { SILENT, type Log } from './log.ts'
import { Notices, type NotifyOptions } from './notify/notices.ts'
import { SLOW_READER_MS } from './session.ts'
import type { Telemetry } from './telemetry/start-telemetry.ts'

/** How often a server looks whether it is still announced, can be reached, and serves the file that lies there. */
export const LOOK_EVERY_MS = 1_000

export interface ServeOptions extends Omit<LiveLedgerOptions, 'create' | 'ledger' | 'folder' | 'server'> {
  /** The URL of a store that is there. */
  readonly store: string
  /** Of this program, for whoever reads the announcement. */
  readonly version?: string | undefined
  readonly log?: Log | undefined
  /** How long a reader of a stream may take nothing; default 10 s. */
  readonly slowReaderMs?: number | undefined
  /** Listens for HTTP as well. */
  readonly http?: HttpListen | undefined
  /** Whom it tells of what, and how. */
  readonly notify?: NotifyOptions | undefined
  /** Sends metrics and spans to where OpenTelemetry's variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`). */
  readonly otlp?: boolean | undefined
  /** Ledgers that are measured from the beginning; others are from when somebody first asks for them. */
  readonly measured?: readonly string[] | undefined
  /** How often it looks whether it is still announced; default 1 s. */
  readonly lookEveryMs?: number | undefined
}

/** Why a server is over. */
export type Ending =
  | { readonly why: 'stopped' }
  /** The store is another one now, or gone: whoever opens it sees something else than this server. */
  | { readonly why: 'replaced'; readonly detail: string }
  /** Another server of the same store is announced. */
  | { readonly why: 'taken-over'; readonly announced: Announcement }

/**
 * Serves the ledgers of one store to other processes of this user, at a Unix socket beside it. It is one more process with
 * a pipeline: everybody may still open the store. Rejects with `ServerThere` where another server is, and as
 * `openStore` does.
 */
export async function serve(options: ServeOptions): Promise<HoldfastServer> {
  const url = await storeUrlOf(options.store)
  if (url.startsWith('memory:'))
    throw new StoreError('invalid', 'A memory store lives in one process and cannot be served.')
  const timers = options.timers ?? systemTimers
  if (options.http !== undefined) listenPlace(options.http)
  const place = new Place(url, options.version ?? '')
  const closing = new AbortController()
  const open = () => openStore(url, { ...options, create: false })
  const telemetry = await measuring(options)
  const ledgers = new HostedLedgers(open, { ...options, ...telemetryOf(telemetry) }, closing.signal)
  try {
    // What cannot be opened is said before anything is announced.
    await ledgers.probe()
    if (telemetry !== null) await Promise.all((options.measured ?? []).map(name => ledgers.of(name)))
    await place.claim(timers)
    const server = new HoldfastServer({ url, place, ledgers, timers, closing, options, telemetry })
    await server.listen()
    if (options.http !== undefined) await server.listenForHttp(options.http)
    server.beginNotices()
    return server
  } catch (error) {
    await ledgers.close()
    await telemetry?.close()
    throw error
  }
}

/** Measures where somebody can get at it: by HTTP, or by OTLP. */
async function measuring({ http, otlp = false, version = '', log = SILENT }: ServeOptions): Promise<Telemetry | null> {
  if (http === undefined && !otlp) return null
  const { startTelemetry } = await import('./telemetry/start-telemetry.ts')
  return startTelemetry({ version, log, otlp })
}

function telemetryOf(telemetry: Telemetry | null): Pick<HostedOptions, 'telemetry' | 'opened'> {
  return telemetry === null ? {} : { telemetry: telemetry.options, opened: telemetry.watch }
}

interface Parts {
  readonly url: string
  readonly place: Place
  readonly ledgers: HostedLedgers
  readonly timers: Timers
  readonly closing: AbortController
  readonly options: ServeOptions
  readonly telemetry: Telemetry | null
}

/** A server that runs. */
export class HoldfastServer implements AsyncDisposable {
  readonly url: string
  /** Resolves when it is over. */
  readonly ended: Promise<Ending>
  readonly #parts: Parts
  readonly #log: Log
  readonly #door: Door
  #listener: Server | null = null
  #http: HttpDoor | null = null
  #notices: Notices | null = null
  #resolveEnded: (ending: Ending) => void = () => {}
  #ending: Promise<void> | null = null
  #cancelLook: () => void = () => {}

  constructor(parts: Parts) {
    this.#parts = parts
    this.url = parts.url
    this.#log = parts.options.log ?? SILENT
    const { ledgers, timers, closing, options, telemetry } = parts
    this.#door = new Door({
      ledgers,
      timers,
      closing: closing.signal,
      log: this.#log,
      slowReaderMs: options.slowReaderMs ?? SLOW_READER_MS,
      replaced: error => void this.#end({ why: 'replaced', detail: error.message }),
    })
    const counts = async () => ({
      socket: this.connections,
      http: (await this.#http?.connections()) ?? 0,
      lasting: this.#http?.lasting ?? 0,
    })
    telemetry?.addGauges({ ledgers, liveness: options.liveness, counts })
    this.ended = new Promise(resolve => {
      this.#resolveEnded = resolve
    })
  }

  /** Where it listens. */
  get socket(): string {
    return this.#parts.place.socket
  }

  get connections(): number {
    return this.#door.connections
  }

  /** The door for HTTP, if it listens there. */
  get http(): HttpDoor | null {
    return this.#http
  }

  /** Opens the door for HTTP. Rejects where it may not, or cannot, listen; then the server is over. */
  async listenForHttp(http: HttpListen): Promise<void> {
    const { ledgers, closing, timers, options, telemetry } = this.#parts
    const { url } = this
    const given = {
      url,
      ledgers,
      door: this.#door,
      closing: closing.signal,
      timers,
      log: this.#log,
      version: options.version ?? '',
      slowReaderMs: options.slowReaderMs ?? SLOW_READER_MS,
      replaced: (error: StoreError) => void this.#end({ why: 'replaced', detail: error.message }),
    }
    try {
      // All that speaks HTTP is loaded by those who listen.
      const { HttpDoor: Opening } = await import('./http/listen.ts')
      const door = await Opening.open(given, telemetry === null ? http : { metrics: telemetry.text, ...http })
      this.#http = door
      // It may have been stopped meanwhile.
      if (this.#ending !== null) await door.close()
      else this.#parts.place.announceListen(door.url)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Begins to watch what the rules of its options ask for. Commands never wait for it. */
  beginNotices(): void {
    const { ledgers, timers, options } = this.#parts
    const { notify, liveness, probe } = options
    if (notify === undefined || Object.keys(notify.rules).length === 0) return
    this.#notices = new Notices({ ...notify, url: this.url, ledgers, timers, log: this.#log, liveness, probe })
  }

  /** Begins to listen, and announces itself. Rejects where it cannot; then the server is over. */
  async listen(): Promise<void> {
    const { place } = this.#parts
    const listener = createServer(socket => this.#door.accept(socket))
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(place.socket, () => resolve())
    })
    listener.removeAllListeners('error')
    listener.on('error', error => this.#log.error({ err: error }, 'the socket fails'))
    this.#listener = listener
    try {
      chmodSync(place.socket, 0o600)
      place.announce()
    } catch (error) {
      // A server that nobody finds would listen until it is killed.
      await this.stop()
      throw error
    }
    this.#log.info({ socket: place.socket, store: this.url }, 'listening')
    this.#lookSoon()
  }

  /**
   * Takes no new commands, commits and answers those that it has, tells the waiters, and ends. Idempotent.
   */
  stop(): Promise<void> {
    return this.#end({ why: 'stopped' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #end(ending: Ending): Promise<void> {
    this.#ending ??= this.#close(ending)
    return this.#ending
  }

  async #close(ending: Ending): Promise<void> {
    const { place, ledgers, closing, telemetry } = this.#parts
    this.#cancelLook()
    this.#log.info({ ...ending, connections: this.connections }, 'ending')
    closing.abort()
    place.leave()
    this.#listener?.close()
    // Where another store or server is in its place, what was told is written down by nobody.
    const keep = ending.why === 'stopped'
    const notices = this.#notices?.end({ keep })
    await Promise.all([this.#door.close('the server ends'), this.#http?.close(), notices])
    await telemetry?.close()
    await ledgers.close()
    this.#log.info({}, 'ended')
    this.#resolveEnded(ending)
  }

  #lookSoon(): void {
    const everyMs = this.#parts.options.lookEveryMs ?? LOOK_EVERY_MS
    this.#cancelLook = this.#parts.timers.after(everyMs, () => {
      this.#look().then(
        () => {
          if (this.#ending === null) this.#lookSoon()
        },
        (error: unknown) => {
          this.#log.error({ err: error }, 'looking around failed')
          if (this.#ending === null) this.#lookSoon()
        },
      )
    })
  }

  /** Puts right what others have removed, and gives way to what is there instead. */
  async #look(): Promise<void> {
    const { place, ledgers } = this.#parts
    const replaced = (await ledgers.all()).find(({ file }) => file !== null && fileIdentity(this.url) !== file)
    if (replaced !== undefined) {
      return this.#end({ why: 'replaced', detail: `${this.url} is not the file any more that this server has opened` })
    }
    const standing = place.standing()
    if (standing !== 'ours' && standing !== 'nobody') return this.#end({ why: 'taken-over', announced: standing })
    if (!isOwnSocket(place.socket)) {
      this.#log.warn({ socket: place.socket }, 'the socket was removed: listening at another one')
      this.#listener?.close()
      place.renew()
      this.#cancelLook()
      await this.listen()
      this.#cancelLook()
    } else if (standing === 'nobody') {
      this.#log.warn({}, 'the announcement was removed: announcing again')
      place.announce()
    }
  }
}
