import type { ServerResponse } from 'node:http'
import type { Timers } from '@holdfast/engine'
import { pause } from '@holdfast/engine/internal'

/** Bytes that may wait for a reader before it is given more. */
const WAITING_BYTES_MAX = 256 * 1024

/** Characters that are gathered for one write where several events are there. */
const PIECE_CHARS = 16 * 1024

/** How often a stream that has nothing to say shows that it is there. */
const SIGN_EVERY_MS = 15_000

/** How long a reader that is cut has to take the reason. */
const LAST_WORD_MS = 4_000

interface StreamOptions {
  readonly timers: Timers
  readonly slowReaderMs: number
  readonly signal: AbortSignal
  readonly type: 'text/event-stream' | 'application/jsonl'
}

/** The reader took nothing for too long. */
export class SlowReader extends Error {
  constructor(spanMs: number) {
    super(`this reader took nothing for ${spanMs} ms; go on after the last id that you have`)
  }
}

/** A response that is written piece by piece, as fast as its reader takes it. */
export class ResponseStream {
  readonly #out: ServerResponse
  readonly #options: StreamOptions
  #cancelSign: () => void = () => {}

  constructor(out: ServerResponse, options: StreamOptions) {
    this.#out = out
    this.#options = options
    out.writeHead(200, {
      'Content-Type': options.type,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Accel-Buffering': 'no',
    })
    out.flushHeaders()
    if (options.type === 'text/event-stream') this.#sign()
  }

  /** Rejects with a `SlowReader`. */
  async event(name: string, data: unknown, id?: number): Promise<void> {
    const head = id === undefined ? '' : `id: ${id}\n`
    await this.#write(`${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** Several events, in few writes. Rejects with a `SlowReader`. */
  async events<T>(
    name: string,
    items: readonly T[],
    told: (item: T) => { readonly data: unknown; readonly id: number },
  ): Promise<void> {
    let text = ''
    for (const item of items) {
      const { data, id } = told(item)
      text += `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
      if (text.length < PIECE_CHARS) continue
      await this.#write(text)
      text = ''
    }
    if (text !== '') await this.#write(text)
  }

  async line(data: unknown): Promise<void> {
    await this.#write(`${JSON.stringify(data)}\n`)
  }

  /** Ends it, with the reason as the last event where it is a stream of events. */
  end(reason: string | null): void {
    this.#cancelSign()
    const { type, timers } = this.#options
    if (reason !== null && type === 'text/event-stream') {
      this.#out.write(`event: cut\ndata: ${JSON.stringify({ reason })}\n\n`)
    }
    this.#out.end()
    const cancel = timers.after(LAST_WORD_MS, () => this.#out.destroy(), { background: true })
    this.#out.once('close', cancel)
  }

  async #write(text: string): Promise<void> {
    const { signal, timers, slowReaderMs } = this.#options
    if (signal.aborted || this.#out.destroyed) return
    this.#out.write(text)
    if (this.#out.writableLength < WAITING_BYTES_MAX) return
    const drained = new AbortController()
    const wake = (): void => drained.abort()
    this.#out.once('drain', wake)
    const before = this.#out.writableLength
    await pause(timers, slowReaderMs, AbortSignal.any([drained.signal, signal]))
    this.#out.off('drain', wake)
    if (drained.signal.aborted || signal.aborted || this.#out.writableLength < before) return
    throw new SlowReader(slowReaderMs)
  }

  #sign(): void {
    this.#cancelSign = this.#options.timers.after(
      SIGN_EVERY_MS,
      () => {
        if (this.#out.destroyed) return
        if (this.#out.writableLength < WAITING_BYTES_MAX) this.#out.write(': here\n\n')
        this.#sign()
      },
      { background: true },
    )
  }
}
