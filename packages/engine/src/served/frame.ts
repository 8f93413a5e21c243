/** Bytes that one frame may have behind its length. */
export const FRAME_BYTES_MAX = 1024 * 1024

const LENGTH_BYTES = 4

/** A frame that is not one. Nothing can be read behind it. */
export class FrameError extends Error {
  readonly code = 'malformed-frame'
}

/** Four bytes of length, big-endian, then JSON. Throws a `FrameError` for what is too long to be read. */
export function encodeFrame(message: object): Buffer {
  const text = JSON.stringify(message)
  const length = Buffer.byteLength(text)
  if (length > FRAME_BYTES_MAX)
    throw new FrameError(`a message of ${length} bytes; at most ${FRAME_BYTES_MAX} fit a frame`)
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length)
  frame.writeUInt32BE(length, 0)
  frame.write(text, LENGTH_BYTES)
  return frame
}

/** Puts frames together from the pieces that a socket gives. */
export class FrameReader {
  #pieces: Buffer[] = []
  #bytes = 0
  /** Bytes that the next frame takes, as far as is known. */
  #needed = LENGTH_BYTES

  /** Whether a frame has begun and not ended. */
  get isWithin(): boolean {
    return this.#bytes > 0
  }

  /** The messages that are whole now. Throws a `FrameError` for a length beyond the limit, and for what is no JSON. */
  read(piece: Buffer): readonly unknown[] {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes < this.#needed) return []
    let rest = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    const messages: unknown[] = []
    for (;;) {
      this.#needed = rest.length < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + lengthOf(rest)
      if (rest.length < this.#needed) break
      messages.push(parsed(rest.toString('utf8', LENGTH_BYTES, this.#needed)))
      rest = rest.subarray(this.#needed)
    }
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    return messages
  }
}

function lengthOf(frame: Buffer): number {
  const length = frame.readUInt32BE(0)
  if (length <= FRAME_BYTES_MAX) return length
  throw new FrameError(`a frame of ${length} bytes; at most ${FRAME_BYTES_MAX} are read`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw Object.assign(new FrameError('a frame is no JSON'), { cause: error })
  }
}
