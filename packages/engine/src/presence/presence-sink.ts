import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { checkOptions, checkText } from '../check-given.ts'
import type { BeatSink } from '../heartbeat/beat-sink.ts'
import { fileSink, type FileSinkOptions } from '../heartbeat/file-sink.ts'
import { presenceFileName } from './presence-name.ts'

export interface PresenceSinkOptions extends Omit<FileSinkOptions, 'wrapper'> {
  /** Tells two runs of one pid apart; default a random one. */
  readonly uuid?: string | undefined
  /** Version of the program that beats; default empty. */
  readonly version?: string | undefined
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly wallMs?: (() => number) | undefined
}

/**
 * Beats into this process's own `heartbeat-<pid>-<uuid>.json` in `directory`, which is made. The file carries our format
 * and, beside it, the six fields of the wrapper format, so that scanners which know only those read it too.
 */
export function presenceSink(directory: string, options: PresenceSinkOptions = {}): BeatSink {
  checkText(directory, 'directory')
  checkOptions(options, { uuid: 'text', version: 'text', wallMs: 'function' })
  const { uuid = randomUUID(), version = '', wallMs = Date.now, fsync, files } = options
  const wrapper = { uuid, startedAtMs: Math.floor(wallMs()), version }
  return fileSink(join(directory, presenceFileName({ pid: process.pid, uuid })), { fsync, files, wrapper })
}
