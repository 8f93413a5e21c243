/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/** Characters that one event may have: the largest event of a log, written as JSON. */
const EVENT_CHARS_MAX = 8 * 1024 * 1024

/** Takes a `text/event-stream` apart, piece by piece as it comes. */
export class EventStreamReader {
  #rest = ''
  #id: string | null = null
  #event = ''
  #data: string[] = []

  read(piece: string): readonly StreamEvent[] {
    const events: StreamEvent[] = []
    const lines = (this.#rest + piece).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > EVENT_CHARS_MAX) throw new Error('the server sends an event that is too long')
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
