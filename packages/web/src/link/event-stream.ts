/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/** Characters that one line may have: the live set of a large fleet comes in one. */
const LINE_CHARS_MAX = 64 * 1024 * 1024

/** Takes a `text/event-stream` apart, piece by piece as it comes. */
export class EventStreamReader {
  /** The beginning of a line, as it came, and its length. */
  #begun: string[] = []
  #begunChars = 0
  #id: string | null = null
  #event = ''
  #data: string[] = []

  read(piece: string): readonly StreamEvent[] {
    const events: StreamEvent[] = []
    const end = piece.lastIndexOf('\n')
    const lines = end === -1 ? [] : (this.#begun.join('') + piece.slice(0, end)).split('\n')
    if (end !== -1) {
      this.#begun = []
      this.#begunChars = 0
    }
    const rest = piece.slice(end + 1)
    this.#begun.push(rest)
    this.#begunChars += rest.length
    if (this.#begunChars > LINE_CHARS_MAX) throw new Error('the server sends an event that is too long')
    for (const line of lines) {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line
      if (text === '') this.#finish(events)
      else this.#take(text)
    }
    return events
  }

  #take(line: string): void {
    const at = line.indexOf(':')
    if (at === 0) return
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(line[at + 1] === ' ' ? at + 2 : at + 1)
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id') this.#id = value
  }

  #finish(events: StreamEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ id: this.#id, event: this.#event === '' ? 'message' : this.#event, data: this.#data.join('\n') })
    }
    this.#event = ''
    this.#data = []
  }
}
