import { UsageError } from '../failure/usage-error.ts'

/** Longest document that a hook may send: an edit carries the file's text. */
const INPUT_BYTES_MAX = 64 * 1024 * 1024

/** All of standard input. */
export async function readInput(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError('Standard input is a terminal; a hook sends a JSON document.')
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > INPUT_BYTES_MAX) throw new UsageError(`Standard input is longer than ${INPUT_BYTES_MAX} bytes.`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
