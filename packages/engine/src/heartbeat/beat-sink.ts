import type { Beat } from './beat.ts'

/** Where beats go. A sink that throws or rejects has missed the beat; writes of one heartbeat never overlap. */
export interface BeatSink {
  /** For people: the file's path, the lease's id. */
  readonly name: string
  /** Span that the beats must keep alive, in ms; `null` when nothing expires. */
  readonly ttlMs: number | null
  write(beat: Beat): void | Promise<void>
}
