import type { LedgerState, LogEntry, RecordedEvent } from '@holdfast/core'
import type { Audit } from './audit.ts'
import { differences, digestOf, type StateDigest } from './state-digest.ts'
import { Tally } from './tally.ts'
import { differByAGuess } from './times-only.ts'

/** What a CHECKPOINT may change of the state, because it stands in the event itself or is an operator's decision. */
const MAY_CHANGE: ReadonlySet<string> = new Set(['config', 'minWriter', 'movedTo', 'unreadable', 'unreadableMore'])

/**
 * A CHECKPOINT carries the state that the entries before it fold to, and names the revision before it (law 3). One that
 * continues a log elsewhere (restore, move: its offsets differ) may carry another, and is left alone; so is the first of
 * a log that begins with it. Where nothing but instants differ, and as a guess of the clock makes them, it is a finding: an
 * older program wrote the CHECKPOINT together with the commands before it and guessed their times. Whoever folds the log
 * goes on with the CHECKPOINT's times, so all agree, and the next CHECKPOINT states what they fold.
 */
export class CheckpointAudit implements Audit {
  readonly #tally = new Tally('checkpoints-equal-fold', 'fault')
  readonly #guesses = new Tally('checkpoint-times', 'finding')
  #expected: StateDigest | null = null

  before(state: LedgerState, entry: LogEntry): void {
    this.#expected = null
    if (entry.type !== 'CHECKPOINT' || state.ledgerId === null) return
    if (entry.data.offset !== state.offset || entry.data.clockOffset !== state.clockOffset) return
    this.#tally.see()
    this.#guesses.see()
    this.#expected = digestOf(state)
    this.#boundary(state, entry)
  }

  after(state: LedgerState, entry: LogEntry): void {
    const expected = this.#expected
    if (expected === null) return
    const stated = digestOf(state)
    const differ = differences(expected, stated).filter(name => !MAY_CHANGE.has(name))
    if (differ.length === 0) return
    const part = (digest: StateDigest): StateDigest => new Map([...digest].filter(([name]) => !MAY_CHANGE.has(name)))
    if (differByAGuess(part(expected), part(stated), entry.recordedAt))
      this.#guesses.wrong(entry.revision, `was written with guessed times in ${differ.join(', ')}`)
    else this.#tally.wrong(entry.revision, `differs from the fold in ${differ.join(', ')}`)
  }

  checks() {
    return [this.#tally.check(), this.#guesses.check()]
  }

  #boundary(state: LedgerState, { data, revision }: RecordedEvent<'CHECKPOINT'>): void {
    if (data.throughRevision !== state.head) {
      this.#tally.wrong(revision, `says that it stands for r${data.throughRevision}, after r${state.head}`)
    }
  }
}
