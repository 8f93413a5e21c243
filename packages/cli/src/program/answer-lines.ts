import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import type { Shell } from './shell.ts'

/**
 * Answers each line of standard input, a JSON document, with a line of JSON. A line that cannot be answered gets `{error}`
 * in its place and the rest goes on; the run then ends with 2. Waits for a slow reader, and stops without one.
 */
export async function answerLines(shell: Shell, answer: (document: unknown) => unknown): Promise<number> {
  let exitCode: number = EXIT.done
  process.stdin.setEncoding('utf8')
  for await (const lines of inputLines(process.stdin)) {
    for (const line of lines) {
      const { value, ok } = answered(line, answer)
      if (!ok) exitCode = EXIT.usage
      const pause = shell.out.json(value)
      if (pause !== undefined) await pause
    }
    await shell.out.flush()
    if (shell.out.closed.aborted) break
  }
  return exitCode
}

function answered(line: InputLine, answer: (document: unknown) => unknown): { value: unknown; ok: boolean } {
  try {
    if (line === null) throw new UsageError(`The line is longer than ${LINE_LENGTH_MAX} characters.`)
    return { value: answer(parsed(line)), ok: true }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { value: { error: { code: error.code, message: error.message } }, ok: false }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new UsageError('The line holds no JSON document.', { cause: error })
  }
}

/** Longest line that is read; the rest of a longer one is dropped. */
export const LINE_LENGTH_MAX = 8 * 1024 * 1024

/** A line that is too long to be one comes as `null`. */
export type InputLine = string | null

/**
 * The lines of a text that comes in pieces, in batches of one piece each: a turn of the event loop a line would cost more
 * than the line.
 */
export async function* inputLines(pieces: AsyncIterable<string>): AsyncGenerator<readonly InputLine[]> {
  /** What the last line has so far; `null` once that is too much. */
  let open: InputLine = ''
  for await (const piece of pieces) {
    const [first = '', ...rest] = piece.split('\n')
    const lines: InputLine[] = [open === null ? null : bounded(open + first), ...rest.map(bounded)]
    open = lines.pop() ?? null
    yield lines
  }
  if (open !== '') yield [open]
}

function bounded(line: string): InputLine {
  return line.length > LINE_LENGTH_MAX ? null : line
}
