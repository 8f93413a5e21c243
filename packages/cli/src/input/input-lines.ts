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
