import { droppedKeyIn } from '@holdfast/core/internal'
import { thisProcess } from '../process/identity.ts'
import type { Beat, BeatMetadata } from './beat.ts'
import type { BeatSink } from './beat-sink.ts'
import { HeartbeatError } from './heartbeat-error.ts'

/** What became of one beat. */
export type BeatReport =
  | { readonly outcome: 'beaten'; readonly beat: Beat }
  | { readonly outcome: 'missed'; readonly error: HeartbeatError }

export interface BeatObserver {
  readonly next: (report: BeatReport) => void
  readonly complete: () => void
}

export interface BeatCounts {
  readonly beats: number
  readonly missed: number
  readonly missedInARow: number
  readonly lastBeat: Beat | null
  /** Why the last missed beat was missed. */
  readonly lastMiss: HeartbeatError | null
  /** Observers that threw. */
  readonly observerFailures: number
}

/** Composes beats, hands them to the sink one after the other, and tells who observes. */
export class BeatWriter {
  readonly #sink: BeatSink
  readonly #metadata: BeatMetadata | (() => BeatMetadata)
  readonly #wallMs: () => number
  readonly #observers = new Set<BeatObserver>()
  #writing: Promise<Beat> | null = null
  #queued: Promise<Beat> | null = null
  #completed = false
  #counts: BeatCounts = { beats: 0, missed: 0, missedInARow: 0, lastBeat: null, lastMiss: null, observerFailures: 0 }

  constructor(options: {
    readonly sink: BeatSink
    readonly metadata: BeatMetadata | (() => BeatMetadata)
    readonly wallMs: () => number
  }) {
    this.#sink = options.sink
    this.#metadata = options.metadata
    this.#wallMs = options.wallMs
  }

  get counts(): BeatCounts {
    return this.#counts
  }

  /**
   * Writes a beat, or joins the one that waits while another is written: writes never overlap, so an older beat can not
   * land on a newer one, and no queue grows behind a sink that hangs. Rejects with a `HeartbeatError`.
   */
  send(): Promise<Beat> {
    if (this.#queued !== null) return this.#queued
    if (this.#writing === null) return this.#begin()
    this.#queued = this.#after(this.#writing)
    return this.#queued
  }

  /** Counts and tells a beat that was not even tried. */
  miss(error: HeartbeatError): HeartbeatError {
    const { missed, missedInARow } = this.#counts
    this.#counts = { ...this.#counts, missed: missed + 1, missedInARow: missedInARow + 1, lastMiss: error }
    this.#tell({ outcome: 'missed', error })
    return error
  }

  /** Settles when nothing is written and nothing waits; never rejects. */
  async idle(): Promise<void> {
    // A failure was told to whoever asked for the beat.
    await (this.#queued ?? this.#writing)?.catch(() => {})
  }

  observe(observer: BeatObserver): () => void {
    if (this.#completed) observer.complete()
    else this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  complete(): void {
    this.#completed = true
    const observers = [...this.#observers]
    this.#observers.clear()
    for (const observer of observers) this.#attempt(() => observer.complete())
  }

  async #after(writing: Promise<Beat>): Promise<Beat> {
    // Whether that one failed is told to whoever asked for it.
    await writing.catch(() => {})
    this.#queued = null
    return this.#begin()
  }

  #begin(): Promise<Beat> {
    const writing = this.#write().finally(() => {
      this.#writing = null
    })
    this.#writing = writing
    return writing
  }

  async #write(): Promise<Beat> {
    try {
      const beat = this.#compose()
      await this.#sink.write(beat)
      this.#counts = { ...this.#counts, beats: this.#counts.beats + 1, missedInARow: 0, lastBeat: beat }
      this.#tell({ outcome: 'beaten', beat })
      return beat
    } catch (error) {
      throw this.miss(asHeartbeatError(error, this.#sink))
    }
  }

  #compose(): Beat {
    const process = thisProcess()
    const metadata = { ...(typeof this.#metadata === 'function' ? this.#metadata() : this.#metadata) }
    const dropped = droppedKeyIn(metadata)
    if (dropped !== null) throw new Error(`metadata.${dropped}: readers of JSON drop this key; name it otherwise`)
    return { atMs: Math.floor(this.#wallMs()), pid: process.pid, hostname: process.host, metadata, process }
  }

  #tell(report: BeatReport): void {
    for (const observer of this.#observers) this.#attempt(() => observer.next(report))
  }

  /** An observer's fault is its own: it is counted, and the next one hears the report all the same. */
  #attempt(tell: () => void): void {
    try {
      tell()
    } catch {
      this.#counts = { ...this.#counts, observerFailures: this.#counts.observerFailures + 1 }
    }
  }
}

function asHeartbeatError(error: unknown, sink: BeatSink): HeartbeatError {
  if (error instanceof HeartbeatError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new HeartbeatError('beat-failed', `the beat did not reach ${sink.name}: ${why}`, { cause: error })
}
