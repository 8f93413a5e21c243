import type { EventType, LogEntry, RecordedEvent } from '@holdfast/core'
import { openStore, type LogStore } from '@holdfast/store'

export type Data = Readonly<Record<string, unknown>>
export interface Seen {
  readonly revision: number
  readonly data: Data
  readonly causation?: string | undefined
  readonly eventId: string
}

interface Watcher {
  readonly type: EventType
  readonly matches: (data: Data, revision: number) => boolean
  readonly found: (event: Seen) => void
}

/** Follows the ledger's log while the demonstration runs, and remembers it. */
export class Log {
  readonly #store: LogStore
  readonly #stop = new AbortController()
  readonly #events: RecordedEvent[] = []
  readonly #watchers = new Set<Watcher>()
  readonly #following: Promise<void>

  private constructor(store: LogStore, tell: (event: RecordedEvent) => void) {
    this.#store = store
    this.#following = this.#follow(tell)
  }

  static async open(url: string, tell: (event: RecordedEvent) => void): Promise<Log> {
    return new Log(await openStore(url), tell)
  }

  all(type: EventType): readonly Seen[] {
    return this.#events.filter(event => event.type === type).map(seenOf)
  }

  /** The first event of a type that matches, past or to come; rejects when it does not come in time. */
  seen(type: EventType, matches: (data: Data, revision: number) => boolean, withinMs: number): Promise<Seen> {
    const past = this.all(type).find(({ data, revision }) => matches(data, revision))
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve, reject) => {
      const watcher: Watcher = {
        type,
        matches,
        found: event => {
          clearTimeout(late)
          this.#watchers.delete(watcher)
          resolve(event)
        },
      }
      const late = setTimeout(() => {
        this.#watchers.delete(watcher)
        reject(new Error(`no ${type} as expected came within ${withinMs / 1000} s`))
      }, withinMs)
      this.#watchers.add(watcher)
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#following
    await this.#store.close()
  }

  async #follow(tell: (event: RecordedEvent) => void): Promise<void> {
    for await (const item of this.#store.subscribe('default', 'none', { signal: this.#stop.signal })) {
      if (item.kind !== 'entries') continue
      for (const entry of item.entries) this.#take(entry, tell)
    }
  }

  #take(entry: LogEntry, tell: (event: RecordedEvent) => void): void {
    if (entry.type === 'UNRECOGNISED') return
    this.#events.push(entry)
    tell(entry)
    const seen = seenOf(entry)
    for (const watcher of this.#watchers) {
      if (watcher.type === entry.type && watcher.matches(seen.data, seen.revision)) watcher.found(seen)
    }
  }
}

function seenOf({ revision, data, causation, eventId }: RecordedEvent): Seen {
  return { revision, data, causation, eventId }
}
