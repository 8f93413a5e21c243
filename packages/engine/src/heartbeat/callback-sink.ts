import { checkFunction } from '../check-given.ts'
import type { Beat } from './beat.ts'
import type { BeatSink } from './beat-sink.ts'

/** Hands each beat to `write`, for a state that is kept elsewhere. */
export function callbackSink(write: (beat: Beat) => void | Promise<void>): BeatSink {
  checkFunction(write, 'write')
  return { name: 'callback', ttlMs: null, write }
}
