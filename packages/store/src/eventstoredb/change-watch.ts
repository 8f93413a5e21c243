import { ChangeSignal } from '../change-signal.ts'
import { withoutDeadline } from '../deadline.ts'
import { pause } from './backoff.ts'
import type { LedgerStream } from './ledger-stream.ts'
import type { Calls } from './link.ts'

const RESUME_MIN_MS = 50
const RESUME_MAX_MS = 2_000

/**
 * Notices that a ledger's stream has changed, for as long as somebody listens: by a live subscription, which comes back
 * when it ends, and by a probe of the head, because a subscription whose peer died silently just stays quiet. Only the
 * notice may be lost or late; what changed is read, so subscribers see no gap and nothing twice.
 */
export class ChangeWatch {
  readonly changes = new ChangeSignal()
  readonly #stream: LedgerStream
  readonly #link: Calls
  readonly #probeMs: number
  readonly #closed: AbortSignal
  #listeners = 0
  /** Ends the present subscription, so that it is taken up again. */
  #restart: () => void = () => undefined
  #stop: AbortController | null = null

  constructor(options: { stream: LedgerStream; link: Calls; probeMs: number; closed: AbortSignal }) {
    this.#stream = options.stream
    this.#link = options.link
    this.#probeMs = options.probeMs
    this.#closed = options.closed
  }

  /** Watches until the returned function is called. */
  listen(): () => void {
    this.#listeners += 1
    if (this.#stop === null) {
      this.#stop = new AbortController()
      const signal = AbortSignal.any([this.#stop.signal, this.#closed])
      withoutDeadline(() => {
        void this.#follow(signal)
        void this.#probe(signal)
      })
    }
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      this.#listeners -= 1
      if (this.#listeners > 0) return
      this.#stop?.abort()
      this.#stop = null
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let pauseMs = RESUME_MIN_MS
    while (!signal.aborted) {
      let came = false
      const position = this.#stream.knownTip?.position ?? -1
      const following = this.#link.follow(this.#stream.name, position < 0 ? undefined : position, () => {
        came = true
        this.changes.raise()
      })
      this.#restart = following.stop
      signal.addEventListener('abort', following.stop, { once: true })
      await following.ended
      signal.removeEventListener('abort', following.stop)
      following.stop()
      // Something may be written between two subscriptions.
      this.changes.raise()
      pauseMs = came ? RESUME_MIN_MS : Math.min(RESUME_MAX_MS, pauseMs * 2)
      await pause(pauseMs, signal)
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { version } = this.changes
      const before = this.#stream.knownTip
      await pause(this.#probeMs, signal)
      if (signal.aborted) return
      if (this.changes.version !== version) continue
      try {
        const tip = await this.#stream.tip()
        const missed = tip.position !== before?.position && this.changes.version === version
        if (missed) this.#startAgain()
      } catch {
        // Those who wait read for themselves and hear what is wrong.
        this.#startAgain()
      }
    }
  }

  #startAgain(): void {
    this.#restart()
    this.changes.raise()
  }
}
