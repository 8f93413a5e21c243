import { randomUUID } from 'node:crypto'
import { remainingMs } from '../deadline.ts'

/** Appends of a writer from which on it is waited for: whoever gives one command and ends is not. */
const APPENDS_OF_A_RIVAL = 2

/** A writer that let more time pass between its two newest appends wants no turn: a holder that beats is not waited for. */
const RIVAL_GAP_MS = 1_000

/** A writer that was not heard of for so long wants no turn. */
const RECENT_MS = 5_000

/** Writers that are kept in mind. */
const WRITERS_MAX = 64

/** Longest time that one commit lets others go first, and its part of the time that the commit has left. */
const YIELD_MAX_MS = 1_000
const YIELD_SHARE = 0.25

/** How many usual turns one writer is waited for before its turn passes. */
const TURNS_OF_PATIENCE = 5
const PATIENCE_MIN_MS = 8
const PATIENCE_MAX_MS = 500

/** Part of the time that may be lost to writers that do not come or are far away, and what of it can be saved up. */
const LOST_SHARE = 0.1
const SAVED_MAX_MS = 500

/** Among several writers, the first append in each such span opens the door: nobody who had a turn follows for a while. */
const DOOR_EVERY_MS = 1_000
const DOOR_OPEN_MS = 100

/** Taken for the length of a turn before one was measured. */
const FIRST_TURN_MS = 2

/** Weight of the newest turn in the usual length. */
const NEWEST_WEIGHT = 0.2

/** A version that does not say who wrote an append. */
const UNNAMED = ''

/** What an append says of its writer. */
export interface WriterMark {
  readonly name: string
  /** How long an append takes from there. */
  readonly turnMs: number
}

interface Writer {
  readonly heardAtMs: number
  readonly appends: number
  /** Between its two newest appends. */
  readonly gapMs: number
  readonly turnMs: number
  /** It did not come in its turn; its next append says that it is there. */
  readonly isPassed: boolean
}

/**
 * The order between processes that commit to one ledger: whoever has waited longest since its last append goes first.
 * Each of them reads the same order out of the log, so they need no other word with each other. It is advice: exclusion
 * is the append's expected head alone. Who does not come in its turn is passed over, and what waiting for such costs is
 * bounded. A process that writes alone waits for nobody.
 */
export class Rotation {
  readonly #name = randomUUID().slice(0, 8)
  /** By the newest append: who has waited longest stands first. */
  readonly #writers = new Map<string, Writer>()
  #turnMs = FIRST_TURN_MS
  #savedMs = SAVED_MAX_MS
  #savedAtMs = 0
  /** When the newest append opened the door; undefined when it did not. */
  #openedAtMs: number | undefined
  #newestCreatedMs = 0

  /** What our appends say of us. */
  get mark(): WriterMark {
    return { name: this.#name, turnMs: Math.round(this.#turnMs) }
  }

  /** An append was seen, our own ones included, in the order of the log. */
  saw({ name, turnMs }: WriterMark = { name: UNNAMED, turnMs: 0 }, createdMs: number): void {
    const nowMs = performance.now()
    const before = this.#writers.get(name)
    this.#writers.delete(name)
    const isPassed = before?.isPassed === true && this.#saved(nowMs) <= 0
    this.#writers.set(name, {
      heardAtMs: nowMs,
      appends: (before?.appends ?? 0) + 1,
      gapMs: nowMs - (before?.heardAtMs ?? -Infinity),
      turnMs,
      isPassed,
    })
    for (const [oldest, { heardAtMs }] of this.#writers) {
      if (this.#writers.size <= WRITERS_MAX && nowMs - heardAtMs <= RECENT_MS) break
      this.#writers.delete(oldest)
    }
    const isFirst = Math.floor(createdMs / DOOR_EVERY_MS) > Math.floor(this.#newestCreatedMs / DOOR_EVERY_MS)
    this.#openedAtMs = isFirst ? nowMs : undefined
    this.#newestCreatedMs = createdMs
  }

  /** How long an append of ours took, which is what a turn takes about. */
  took(spanMs: number): void {
    this.#turnMs += NEWEST_WEIGHT * (spanMs - this.#turnMs)
  }

  /**
   * Waits until nobody goes before us, and no longer than is bounded. `look` reads what is new. Gives whether it did:
   * then it has just done so. `refused`: this commit had its turn and lost it.
   */
  async turn(look: () => Promise<void>, { refused }: { readonly refused: boolean }): Promise<boolean> {
    const beganAtMs = performance.now()
    const endMs = beganAtMs + Math.min(YIELD_MAX_MS, remainingMs() * YIELD_SHARE)
    let first: string | undefined
    let before = 0
    let firstSinceMs = beganAtMs
    let looked = false
    for (;;) {
      const nowMs = performance.now()
      if (nowMs >= endMs) return looked
      const ahead = this.#ahead(nowMs)
      const [front] = ahead
      const openMs = this.#openMs(nowMs)
      // While the door is open nobody is late.
      if (openMs > 0 && first === front) firstSinceMs = nowMs
      if (front !== first) {
        const taken = Math.max(1, before - ahead.length)
        if (first !== undefined) this.#lose(nowMs - firstSinceMs - taken * this.#patienceMs(this.#turnMs))
        first = front
        before = ahead.length
        firstSinceMs = nowMs
      } else if (front !== undefined && nowMs - firstSinceMs >= this.#patienceFor(front, nowMs)) {
        this.#lose(nowMs - firstSinceMs)
        this.#pass(front)
        continue
      }
      const doorMs = refused ? 0 : openMs
      if (front === undefined && doorMs <= 0) return looked
      const turnsMs = ahead.length <= 1 ? this.#turnMs / 2 : (ahead.length - 1) * this.#turnMs
      await pause(Math.max(1, Math.min(Math.max(turnsMs, doorMs), endMs - nowMs)))
      await look()
      looked = true
    }
  }

  /** Those whose last append is older than ours. Who has none of late goes first. */
  #ahead(nowMs: number): readonly string[] {
    // What waiting for others may cost is used up: nobody is waited for until some of it is saved again.
    if (!this.#isRecent(nowMs) || this.#saved(nowMs) <= 0) return []
    const ahead: string[] = []
    for (const [name, writer] of this.#writers) {
      if (name === this.#name) break
      if (!writer.isPassed && isRival(writer) && nowMs - writer.heardAtMs <= RECENT_MS) ahead.push(name)
    }
    return ahead
  }

  #isRecent(nowMs: number): boolean {
    const own = this.#writers.get(this.#name)
    return own !== undefined && nowMs - own.heardAtMs <= RECENT_MS
  }

  /** How long the door stays open: to those whose way is so long that others are always there before them. */
  #openMs(nowMs: number): number {
    if (this.#openedAtMs === undefined || !this.#isRecent(nowMs)) return 0
    const others = [...this.#writers].some(([name, writer]) => name !== this.#name && isRival(writer))
    return others ? this.#openedAtMs + DOOR_OPEN_MS - nowMs : 0
  }

  #pass(name: string): void {
    const writer = this.#writers.get(name)
    if (writer !== undefined) this.#writers.set(name, { ...writer, isPassed: true })
  }

  #patienceFor(name: string, nowMs: number): number {
    const theirs = this.#saved(nowMs) > 0 ? (this.#writers.get(name)?.turnMs ?? 0) : 0
    return this.#patienceMs(Math.max(this.#turnMs, theirs))
  }

  #patienceMs(turnMs: number): number {
    return Math.min(PATIENCE_MAX_MS, Math.max(PATIENCE_MIN_MS, turnMs * TURNS_OF_PATIENCE))
  }

  #saved(nowMs: number): number {
    this.#savedMs = Math.min(SAVED_MAX_MS, this.#savedMs + (nowMs - this.#savedAtMs) * LOST_SHARE)
    this.#savedAtMs = nowMs
    return this.#savedMs
  }

  #lose(spanMs: number): void {
    this.#savedMs -= Math.max(0, spanMs)
  }
}

function isRival({ appends, gapMs }: Writer): boolean {
  return appends >= APPENDS_OF_A_RIVAL && gapMs <= RIVAL_GAP_MS
}

function pause(spanMs: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, spanMs))
}
