import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { StoreError } from '@holdfast/store'

/** Characters that one line may have: a CHECKPOINT's whole state stands in one. */
export const LINE_LENGTH_MAX = 256 * 1024 * 1024

/** Told of each piece that was read, in bytes of the whole file. */
export type OnRead = (read: { readonly done: number; readonly total: number }) => void

/**
 * The lines of a file, one after the other, ended by line feeds alone: JSON may hold every other character that some
 * readers end lines at. Rejects with `invalid` for a file that cannot be read, `corrupt` for an endless line.
 */
export async function* fileLines(
  file: string,
  onRead: OnRead = () => undefined,
): AsyncGenerator<string, void, undefined> {
  let begun = ''
  try {
    const found = await stat(file)
    // It is read more than once, and to open a pipe could not be ended.
    if (!found.isFile()) throw new StoreError('invalid', `${file} is a folder, a pipe or a device, and no file.`)
    const total = found.size
    const pieces = createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 })
    for await (const piece of pieces) {
      onRead({ done: pieces.bytesRead, total })
      const lines = (begun + String(piece)).split('\n')
      begun = lines.pop() ?? ''
      if (begun.length > LINE_LENGTH_MAX) throw endless(file)
      yield* lines
    }
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause
    throw new StoreError('invalid', `${file} cannot be read (${cause.message}).`, { cause })
  }
  if (begun !== '') yield begun
}

function endless(file: string): StoreError {
  const message = `${file} has a line of more than ${LINE_LENGTH_MAX} characters. Nothing was imported.`
  return new StoreError('corrupt', message, { detail: 'export' })
}
