/** Longest line that is read; the rest of a longer one is dropped. */
export const LINE_LENGTH_MAX = 8 * 1024 * 1024

/** A line that is too long to be one comes as `null`. */
export type InputLine = string | null

/** The lines of a text that comes in pieces, in batches of one piece each: a turn of the event loop a line would cost more than the line. */
export async function* inputLines(pieces: AsyncIterable<string>): AsyncGenerator<readonly InputLine[]> {
  let open = ''
  let dropping = false
  for await (const piece of pieces) {
    const lines: InputLine[] = (open + piece).split('\n')
    const last = lines.pop() ?? ''
    if (dropping && lines.length > 0) lines[0] = null
    dropping = (dropping && lines.length === 0) || (last ?? '').length > LINE_LENGTH_MAX
    open = dropping ? '' : (last ?? '')
    yield lines
  }
  if (dropping) yield [null]
  else if (open !== '') yield [open]
}
