import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { failureOf, type Failure } from '../failure/failure.ts'
import { jsonLine, screened } from './plain.ts'
import { watchReader } from './reader-gone.ts'
import { TextStream } from './text-stream.ts'

/** Text is handed to the system in pieces of this size, so that a long answer costs few calls. */
const PIECE_LENGTH = 64 * 1024

/**
 * Standard output. A reader that goes away (`| head`) is no error: what follows is dropped, and `closed` says so to
 * those who would go on for ever.
 */
export class Output {
  readonly #closed = new AbortController()
  readonly #answer = new TextStream(1, error => {
    if (error.code !== 'EPIPE') throw unwritten(error)
    this.#closed.abort()
  })
  // Nobody is left to be told.
  readonly #remarks = new TextStream(2, () => {})
  #pending = ''

  /** Aborts when nobody reads any more. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Notices a reader that goes away even while nothing is written. The returned function ends that. */
  watchReader(): () => void {
    return watchReader(() => this.#closed.abort())
  }

  /** Writes a line for people, and waits when the reader is slower than we are. */
  line(text: string): Promise<void> | void {
    return this.data(screened(text))
  }

  /** Writes a line of JSON. */
  json(value: unknown): Promise<void> | void {
    return this.data(jsonLine(value))
  }

  /** Writes a line as it is: it belongs to a format of its own. */
  data(text: string): Promise<void> | void {
    this.#pending += `${text}\n`
    if (this.#pending.length >= PIECE_LENGTH) return this.flush()
  }

  /** Hands over what is pending. */
  async flush(): Promise<void> {
    if (this.#pending === '') return
    const piece = this.#pending
    this.#pending = ''
    if (this.closed.aborted || this.#answer.write(piece)) return
    await once(this.#answer.stream, 'drain', { signal: this.closed }).catch(() => undefined)
  }

  /** A remark beside the answer: on standard error, where it disturbs no script. */
  remark(text: string): void {
    this.#aside(screened(text))
  }

  /** The same for a program that reads standard error. */
  jsonRemark(value: unknown): void {
    this.#aside(jsonLine(value))
  }

  #aside(text: string): void {
    // Colours were chosen for standard output, which may be a terminal while this is a file.
    this.#remarks.write(`${this.#remarks.isTerminal ? text : stripVTControlCharacters(text)}\n`)
  }

  /** Tells about an error and gives the number to end with. */
  fail(error: unknown, json: boolean): number {
    const failure = failureOf(error)
    const { code, message } = failure
    if (json) this.jsonRemark({ error: { code, message } })
    else this.remark(message.replaceAll(TYPED_FIELD, '$1--$2 '))
    if (process.env['HOLDFAST_DEBUG'] === '1' && error instanceof Error) this.remark(stackOf(error, failure))
    return failure.exitCode
  }
}

/** A field that a person knows as a flag: `region.0: "a["` is `--region "a["`. */
const TYPED_FIELD = /(^|; )(region|path)\.\d+: /g

/** A full disk behind standard output takes the answer, and not what was done. */
function unwritten(cause: NodeJS.ErrnoException): Error {
  const message = `the answer could not be written (${cause.message}); what was recorded stands, and \`holdfast log\` shows it`
  return new Error(message, { cause })
}

function stackOf(error: Error, { code }: Failure): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : ''
  return `[${code}] ${error.stack ?? error.message}${cause}`
}
