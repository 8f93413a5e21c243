import { accessSync, closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { UsageError } from '../failure/usage-error.ts'

/** Longest document that is read. */
export const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024

/** How long a pipe may have no writer, and how often one is looked for. */
const WRITER_WAIT_MS = 5_000
const WRITER_LOOK_MS = 25

/**
 * The text of the file that a flag names; `-` and `/dev/stdin` are standard input. A pipe that the shell has opened, as in
 * `<(command)`, is read until its writer closes it, and a signal ends the wait: to open or read one like a file would hold
 * up the end of this program. One that nobody writes to is given up after a while. Pipes with a name and devices are
 * refused, for some never end. What the system refuses is thrown as it says it.
 */
export async function readNamedFile(file: string, { writerWaitMs = WRITER_WAIT_MS } = {}): Promise<string> {
  if (file === '-' || file === '/dev/stdin') return readStream(process.stdin, 'Standard input')
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let owned = true
  try {
    const found = fstatSync(descriptor)
    if (found.isFIFO()) {
      if (!DESCRIPTOR.test(file)) throw new Error('it is a pipe; write its text into a file, or give - or <(command)')
      const first = await firstOf(descriptor, writerWaitMs)
      const { Socket } = await import('node:net')
      const pipe = new Socket({ fd: descriptor, readable: true, writable: false })
      owned = false
      return await readStream(pipe, file, first)
    }
    if (found.isDirectory()) throw new Error('it is a folder')
    if (!found.isFile()) throw new Error('it is a device, which may never end')
    if (found.size > DOCUMENT_BYTES_MAX) throw tooLong(file)
    return readFileSync(descriptor, 'utf8')
  } finally {
    if (owned) closeSync(descriptor)
  }
}

/** How a shell names a pipe that it has opened. */
const DESCRIPTOR = /^\/(?:dev|proc\/(?:self|\d+))\/fd\/\d+$/

/**
 * Waits until somebody writes to a pipe that was opened without waiting for that: until then it reads as empty. Throws
 * when nobody comes; gives what had to be read to find out.
 */
async function firstOf(descriptor: number, waitMs: number): Promise<Buffer> {
  const piece = Buffer.alloc(1)
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += WRITER_LOOK_MS) {
    try {
      if (readSync(descriptor, piece, 0, 1, null) === 1) return piece
    } catch (error) {
      // There is a writer, who has written nothing so far.
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return Buffer.alloc(0)
      throw error
    }
    await pause(WRITER_LOOK_MS)
  }
  throw new Error('it is a pipe that nobody writes to')
}

async function readStream(stream: Readable, name: string, first?: Buffer): Promise<string> {
  const pieces: Buffer[] = first === undefined ? [] : [first]
  let bytes = first?.length ?? 0
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

/** Demands a plain file that can be read, before anything is opened: one that is read more than once can be no pipe. */
export function demandRegularFile(file: string, consequence: string): void {
  let isFile: boolean
  try {
    isFile = statSync(file).isFile()
    accessSync(file, constants.R_OK)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read; ${consequence}.`, { cause })
  }
  if (isFile) return
  throw new UsageError(`${file} is a folder, a pipe or a device; ${consequence}. Write it into a file first.`)
}
