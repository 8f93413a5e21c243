import { inputLines, LINE_LENGTH_MAX, type InputLine } from '../input/input-lines.ts'
import { EXIT } from '../failure/exit-code.ts'
import type { Shell } from './shell.ts'
import { UsageError } from '../failure/usage-error.ts'

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
