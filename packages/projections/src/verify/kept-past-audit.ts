import { createHash } from 'node:crypto'
import type { LedgerState, LogEntry, Revision } from '@holdfast/core'
import type { HistoryAccess, LogStore } from '@holdfast/store'
import { BUCKETS, marksOf } from '../past/concern-marks.ts'
import { newestState, PAST_VERSION } from '../past/keep-past.ts'
import type { LedgerCheck } from './ledger-check.ts'
import { differences, digestOf } from './state-digest.ts'
import { Tally } from './tally.ts'

/**
 * What is kept of a history beside its store is what the entries give: each kept state is the fold at its revision, and the
 * marks are those of the entries. Only a defect, or somebody's hand, makes them differ; answers about the past would be wrong.
 */
export class KeptPastAudit {
  readonly #past: HistoryAccess
  readonly #stream: string
  readonly #pieces: readonly Span[]
  readonly #tally = new Tally('kept-past', 'fault')
  readonly #marks = Array.from({ length: BUCKETS }, () => createHash('sha256'))
  #entries: LogEntry[] = []
  #next = 0

  private constructor(past: HistoryAccess, stream: string, pieces: readonly Span[]) {
    this.#past = past
    this.#stream = stream
    this.#pieces = pieces
  }

  /** `null`: nothing is kept that could be wrong, or what was dropped from the archive is needed to check it. */
  static async of({ past }: LogStore, stream: string): Promise<KeptPastAudit | null> {
    const kept = await past?.kept(stream, PAST_VERSION, [0])
    if (past === undefined || kept === null || kept === undefined || kept.through === null) return null
    const begins = (kept.marks[0] ?? []).map(({ from }) => from)
    const { through } = kept
    const pieces = begins.map((from, index) => ({ from, to: (begins[index + 1] ?? through + 1) - 1 }))
    return (pieces[0]?.from ?? 0) < kept.oldest ? null : new KeptPastAudit(past, stream, pieces)
  }

  /** Whether a piece ends with this entry, and `compare` must be called before the next one. */
  take(entry: LogEntry): boolean {
    const piece = this.#pieces[this.#next]
    if (piece === undefined) return false
    this.#entries.push(entry)
    return entry.revision >= piece.to
  }

  async compare(state: LedgerState): Promise<void> {
    const piece = this.#pieces[this.#next]
    if (piece === undefined) return
    for (const [bucket, marks] of marksOf(this.#entries, piece.from).entries()) this.#marks[bucket]?.update(marks)
    this.#entries = []
    this.#next += 1
    this.#tally.see()
    const kept = await newestState(this.#past, this.#stream, { upTo: piece.to, after: piece.from - 1 })
    if (kept === null || kept.head === -1 || kept.head !== piece.to) return
    const differ = differences(digestOf(state), digestOf(kept))
    if (differ.length > 0) this.#tally.wrong(kept.head, `was kept with another state (${differ.join(', ')}); ${MENDED}`)
  }

  async checks(): Promise<readonly LedgerCheck[]> {
    for (const [bucket, made] of this.#marks.entries()) {
      const kept = await this.#past.kept(this.#stream, PAST_VERSION, [bucket])
      const hash = createHash('sha256')
      for (const { marks } of kept?.marks[0]?.slice(0, this.#next) ?? []) hash.update(marks)
      if (made.digest('hex') === hash.digest('hex')) continue
      this.#tally.wrong(
        (this.#pieces.at(-1)?.to ?? 0) as Revision,
        `is not what is marked in bucket ${bucket}; ${MENDED}`,
      )
    }
    return [this.#tally.check()]
  }
}

interface Span {
  readonly from: Revision
  readonly to: number
}

const MENDED = 'remove the file .past beside the store'
