import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { UsageError } from '../program/usage-error.ts'

/** Longest document that is read. */
export const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024

/**
 * The text of the file that a flag names; `-` and `/dev/stdin` are standard input. A pipe, as in `<(command)`, is read
 * until its writer closes it, and a signal ends the wait: to open or read one like a file would hold up the end of this
 * program. Devices are refused, for some never end. What the system refuses is thrown as it says it.
 */
export async function readNamedFile(file: string): Promise<string> {
  if (file === '-' || file === '/dev/stdin') return readStream(process.stdin, 'Standard input')
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let owned = true
  try {
    const found = fstatSync(descriptor)
    if (found.isFIFO()) {
      const { Socket } = await import('node:net')
      const pipe = new Socket({ fd: descriptor, readable: true, writable: false })
      owned = false
      return await readStream(pipe, file)
    }
    if (found.isDirectory()) throw new Error('it is a folder')
    if (!found.isFile()) throw new Error('it is a device, which may never end')
    if (found.size > DOCUMENT_BYTES_MAX) throw tooLong(file)
    return readFileSync(descriptor, 'utf8')
  } finally {
    if (owned) closeSync(descriptor)
  }
}

async function readStream(stream: Readable, name: string): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > DOCUMENT_BYTES_MAX) throw tooLong(name)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function tooLong(name: string): UsageError {
  return new UsageError(`${name} is longer than ${DOCUMENT_BYTES_MAX} bytes; nothing was done.`)
}
