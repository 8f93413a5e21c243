import type { Socket } from 'node:net'
import { encodeFrame } from './frame.ts'

/** Writes frames to a socket. What is written in one turn of the event loop goes together. */
export class FrameWriter {
  readonly #socket: Socket
  #corked = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Throws a `FrameError` for a message that fits no frame; nothing of it is written. */
  write(message: object): void {
    const frame = encodeFrame(message)
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => this.flush())
    }
    this.#socket.write(frame)
  }

  /** Lets go what was written in this turn: for whoever ends the socket. */
  flush(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#socket.uncork()
  }
}
