import { checkOptions, checkText } from '../check-given.ts'
import { encodeBeat, BEAT_BYTES_MAX, type WrapperFields } from './beat-format.ts'
import type { BeatFiles } from './beat-files.ts'
import type { BeatSink } from './beat-sink.ts'
import { HeartbeatError } from './heartbeat-error.ts'
import { systemFiles } from './system-files.ts'

export interface FileSinkOptions {
  /** Whether a beat must survive a power cut; default false: the next one comes soon. */
  readonly fsync?: boolean | undefined
  readonly files?: BeatFiles | undefined
  /** Fields for readers of presence files. */
  readonly wrapper?: WrapperFields | undefined
}

/**
 * Beats into a file that readers see whole, old or new. The parent folder is made. Several writers may share the file:
 * the last one shows. The file stays when the heartbeat stops.
 */
export function fileSink(path: string, options: FileSinkOptions = {}): BeatSink {
  checkText(path, 'path')
  checkOptions(options, { fsync: 'boolean', files: 'object', wrapper: 'object' })
  const { fsync = false, files = systemFiles, wrapper } = options
  return {
    name: path,
    ttlMs: null,
    async write(beat) {
      const text = encodeBeat(beat, wrapper)
      const bytes = Buffer.byteLength(text)
      if (bytes > BEAT_BYTES_MAX) {
        const message = `a beat of ${bytes} bytes is above ${BEAT_BYTES_MAX}, and nobody would read it: shorten its metadata`
        throw new HeartbeatError('beat-too-large', message)
      }
      await files.replace(path, text, { fsync })
    },
  }
}
