import type { ProcessIdentity } from '@holdfast/core'

/** What a beat may say beside who beats: JSON values. */
export type BeatMetadata = Readonly<Record<string, unknown>>

/** One sign of life. */
export interface Beat {
  /** Milliseconds since the epoch on the writer's wall clock. */
  readonly atMs: number
  readonly pid: number
  readonly hostname: string
  readonly metadata: BeatMetadata
  /** `null` where the format knows none: its pid may have been reused. */
  readonly process: ProcessIdentity | null
}
