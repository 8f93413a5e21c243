import type { Command, EpochMs, Outcome } from '@holdfast/core'
import { StoreError, type LogStore } from '@holdfast/store'
import { withoutDeadline } from '@holdfast/store/internal'
import { earlierEvents } from './earlier-events.ts'
import { earlierOutcome } from './earlier-outcome.ts'
import { nextEventId, type QueuedCommand } from './queued-command.ts'
import type { Trial } from './trial.ts'
import type { WatchedFold } from './watched-fold.ts'

/** How often the log is searched for a command that may have been done before. */
const SEARCHES_MAX = 3

interface Searched {
  readonly store: LogStore
  readonly stream: string
  readonly fold: WatchedFold
}

/**
 * Finds out what became of commands that were sent before, to somebody else. The log is searched beside the queue, so that
 * nobody waits for it; then the command takes its turn again.
 */
export class EarlierSearch {
  readonly #options: Searched
  readonly #enqueue: (waiting: QueuedCommand) => void
  readonly #searches = new Set<Promise<void>>()

  constructor(options: Searched, enqueue: (waiting: QueuedCommand) => void) {
    this.#options = options
    this.#enqueue = enqueue
  }

  /** How many commands are being searched for. */
  get size(): number {
    return this.#searches.size
  }

  /** Resolves when the searches that are under way now have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#searches)
  }

  /** What a command that was sent before is answered without a decision; `search`: only the log tells; `null`: decide it. */
  answerTo(waiting: QueuedCommand, trial: Trial, nowMs: EpochMs): Outcome | 'search' | null {
    const { command, searchedThrough, earlier } = waiting
    if (searchedThrough === undefined) return null
    const { recent, ownClock } = this.#options.fold
    const isKnown = recent.coverAfter(searchedThrough)
    if (!isKnown || recent.has(nextEventId(waiting))) return 'search'
    return earlierOutcome(command, earlier, { state: trial.state(), nowMs, ownClock })
  }

  /** Searches the log for the events of a command, then queues it again. Rejects it where the search does not end. */
  begin(waiting: QueuedCommand): void {
    const searching = withoutDeadline(() => this.#search(waiting)).finally(() => this.#searches.delete(searching))
    this.#searches.add(searching)
  }

  async #search(waiting: QueuedCommand): Promise<void> {
    try {
      waiting.searches += 1
      if (waiting.searches > SEARCHES_MAX) throw neverFound(waiting.command)
      const { store, stream } = this.#options
      const { commandId } = waiting.command
      const found = await earlierEvents({ store, stream }, commandId, waiting.sender.sentAfter ?? 'none')
      waiting.earlier = found
      waiting.appended = found.events.length
      waiting.searchedThrough = found.through
      this.#enqueue(waiting)
    } catch (error) {
      waiting.reject(error)
    }
  }
}

function neverFound({ type }: Command): StoreError {
  const message = `Whether this ${type} was done before is not known: the log grows faster than it can be searched, or what was written then is dropped from it. Read back what holds now.`
  return new StoreError('timeout-unknown-outcome', message)
}
