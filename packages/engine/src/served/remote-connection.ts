import type { ProcessIdentity } from '@holdfast/core'
import { processKey, traceparentOf } from '@holdfast/core/internal'
import { StoreError, type BootClock } from '@holdfast/store'
import { remainingMs } from '@holdfast/store/internal'
import { pause, type Timers } from '../clock/timers.ts'
import { LinkLost } from './link-lost.ts'
import { ServerLink } from './link.ts'
import type { Socket } from 'node:net'
import { FAR, type Pace } from './pace.ts'

/** First and longest pause between two attempts to reach a server. */
const AGAIN_MIN_MS = 100
const AGAIN_MAX_MS = 2_000

export interface RemoteOptions {
  /** For messages; holds no secret. */
  readonly url: string
  readonly ledger: string
  readonly dial: () => Promise<Socket>
  readonly actor: ProcessIdentity | null
  readonly timers: Timers
  readonly boot: BootClock
  /** How long one call may take, attempts to reach the server included. */
  readonly withinMs: number
  readonly pace?: Pace | undefined
}

/**
 * The way to one ledger of a server by HTTP: one link at a time, and another one when it is lost. All of them lead to the same
 * store and ledger, or none is given.
 */
export class RemoteConnection {
  readonly #options: RemoteOptions
  #actor: ProcessIdentity | null
  #link: ServerLink | null = null
  #connecting: Promise<ServerLink> | null = null
  #identity: string | null = null
  readonly #listeners = new Set<(link: ServerLink) => void>()
  readonly #closing = new AbortController()

  constructor(options: RemoteOptions) {
    this.#options = options
    this.#actor = options.actor
  }

  get url(): string {
    return this.#options.url
  }

  /** How long one call may take. */
  get withinMs(): number {
    return Math.min(this.#options.withinMs, remainingMs())
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** The link that stands now; `null`: none does. */
  get standing(): ServerLink | null {
    return this.#link?.isLost === false ? this.#link : null
  }

  /** Who is recorded. A link on which somebody else was named is given up. */
  actAs(actor: ProcessIdentity | null): void {
    const isSame = isSameActor(actor, this.#actor)
    this.#actor = actor
    if (isSame) return
    this.#link?.close()
    this.#connecting = null
  }

  /** Told of each link when it stands. */
  onLink(listener: (link: ServerLink) => void): void {
    this.#listeners.add(listener)
  }

  /**
   * A link that stands. Rejects with `unavailable` where none does within the span, and at once where asking again is of no
   * use.
   */
  async link(spanMs = this.withinMs, signal?: AbortSignal): Promise<ServerLink> {
    const { boot, timers, url } = this.#options
    const untilBootMs = boot.nowMs() + spanMs
    for (let pauseMs = AGAIN_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, AGAIN_MAX_MS)) {
      if (this.isClosed) throw new StoreError('unavailable', 'The ledger is closed.')
      try {
        return await this.#stand()
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error
        const leftMs = untilBootMs - boot.nowMs()
        if (leftMs <= pauseMs || signal?.aborted === true) {
          const message = `No server of Holdfast answers at ${url} (${error.message}). Look whether it runs, and try again.`
          throw new StoreError('unavailable', message, { cause: error })
        }
        await pause(
          timers,
          pauseMs,
          signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]),
        )
      }
    }
  }

  /** Gives a link up that the server answers nothing over. */
  drop(link: ServerLink): void {
    link.close()
  }

  close(): void {
    this.#closing.abort()
    this.#link?.close()
  }

  #stand(): Promise<ServerLink> {
    const { standing } = this
    if (standing !== null) return Promise.resolve(standing)
    if (this.#connecting !== null) return this.#connecting
    const connecting = this.#connect(this.#actor).finally(() => {
      if (this.#connecting === connecting) this.#connecting = null
    })
    this.#connecting = connecting
    return connecting
  }

  async #connect(actor: ProcessIdentity | null): Promise<ServerLink> {
    const { dial, ledger, timers, pace = FAR } = this.#options
    const link = await ServerLink.connect(dial, { hello: { ledger, actor }, timers, pace })
    // It may have been told meanwhile who acts, or closed.
    if (this.isClosed || actor !== this.#actor) {
      link.close()
      throw new LinkLost('the connection was given up')
    }
    const { ledgerId, store } = link.hello
    const identity = JSON.stringify([ledgerId, store.file])
    this.#identity ??= identity
    if (this.#identity !== identity) {
      link.close()
      throw this.#replaced()
    }
    this.#link = link
    for (const listener of this.#listeners) listener(link)
    return link
  }

  #replaced(): StoreError {
    const message = `The server at ${this.url} serves another store now than before: it was restored, moved or replaced. What was held in the old one is not known there. Open the ledger again.`
    return new StoreError('unavailable', message, { detail: 'replaced' })
  }
}

function isSameActor(a: ProcessIdentity | null, b: ProcessIdentity | null): boolean {
  if (a === null || b === null) return a === b
  return processKey(a) === processKey(b) && traceparentOf(a) === traceparentOf(b)
}
