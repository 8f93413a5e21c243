import { fstatSync, writeSync } from 'node:fs'

/**
 * What a pipe takes in one piece (`PIPE_BUF` of Linux): a first text of at most this is written without a stream, whose
 * making takes longer than the writing. Anything else could find the pipe full, and waiting for its reader is the
 * stream's work: a blocked write would not let Ctrl-C through.
 */
const AT_ONCE_BYTES_MAX = 4096

/** The numbers of standard output and standard error. */
type Descriptor = 1 | 2

/** Standard output or standard error. Its stream is made when something needs one. */
export class TextStream {
  readonly #descriptor: Descriptor
  readonly #failed: (error: NodeJS.ErrnoException) => void
  #stream: NodeJS.WriteStream | null = null
  #begun = false

  /** `failed` is called when the reader has gone, or with what else goes wrong. */
  constructor(descriptor: Descriptor, failed: (error: NodeJS.ErrnoException) => void) {
    this.#descriptor = descriptor
    this.#failed = failed
  }

  /** Whether a person reads it. */
  get isTerminal(): boolean {
    return mayBeTerminal(this.#descriptor) && this.stream.isTTY
  }

  get stream(): NodeJS.WriteStream {
    this.#stream ??= this.#made()
    return this.#stream
  }

  /** Hands a text over; `false` when the reader is slower, and the stream's `drain` is to be awaited. */
  write(text: string): boolean {
    const rest = this.#begun || this.#stream !== null ? text : this.#atOnce(text)
    this.#begun = true
    return rest === '' || this.stream.write(rest)
  }

  /** Writes what needs no stream, and gives what is left. */
  #atOnce(text: string): string | Buffer {
    const bytes = Buffer.from(text)
    if (bytes.length > AT_ONCE_BYTES_MAX || process.platform === 'win32') return text
    try {
      const written = writeSync(this.#descriptor, bytes)
      return written === bytes.length ? '' : bytes.subarray(written)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if ('code' in error && error.code === 'EAGAIN') return text
      this.#failed(error)
      return ''
    }
  }

  #made(): NodeJS.WriteStream {
    const stream = this.#descriptor === 1 ? process.stdout : process.stderr
    stream.on('error', this.#failed)
    return stream
  }
}

/** Whether it can be a terminal at all: asking properly makes the stream. */
export function mayBeTerminal(descriptor: Descriptor): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return true // Closed, or not to be asked: the stream knows what to make of it.
  }
}

/** How wide the terminal behind standard output is; `undefined`: there is none, or it does not say. */
export function terminalColumns(): number | undefined {
  return mayBeTerminal(1) && process.stdout.isTTY ? process.stdout.columns || undefined : undefined
}
