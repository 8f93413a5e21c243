import type { LivenessPorts, Progress } from '@holdfast/projections'

type Ask = NonNullable<LivenessPorts['progress']>

/** What was found counts so long; after that it is looked for again when there is time. */
const KEPT_MS = 10_000

/** What is older than this is not known any more. */
const KNOWN_MAX_MS = 60_000

/** Leases whose findings are remembered. */
const REMEMBERED_MAX = 20_000

const NOT_LOOKED: Progress = { commits: 0, files: 0, unknown: [{ probe: 'top', detail: 'not looked at yet' }] }

interface Found {
  readonly atMs: number
  readonly progress: Progress
}

/**
 * Looks for work in files and commits no longer than there is time for in one look. A lease for which there was no time
 * is unknown: nothing found is no proof that nothing is done.
 */
export class SparingProgress {
  readonly #ask: Ask
  readonly #ownNowMs: () => number
  readonly #budgetMs: number
  readonly #found = new Map<string, Found>()
  #untilMs = 0
  /** Whether leases that nobody has looked at were left out last time: then they come first. */
  #leftOut = false
  #leavesOut = false

  constructor(ask: Ask, { ownNowMs, budgetMs }: { readonly ownNowMs: () => number; readonly budgetMs: number }) {
    this.#ask = ask
    this.#ownNowMs = ownNowMs
    this.#budgetMs = budgetMs
  }

  /** Begins a look. */
  begin(): void {
    this.#untilMs = this.#ownNowMs() + this.#budgetMs
    this.#leftOut = this.#leavesOut
    this.#leavesOut = false
    if (this.#found.size > REMEMBERED_MAX) this.#found.clear()
  }

  readonly progress: Ask = async (subject, span) => {
    const nowMs = this.#ownNowMs()
    // An earlier owner's work says nothing of this one.
    const key = [subject.leaseId, subject.holder, subject.runId].join('\n')
    const found = this.#found.get(key)
    const isKnown = found !== undefined && nowMs - found.atMs < KNOWN_MAX_MS
    const isFresh = found !== undefined && nowMs - found.atMs < KEPT_MS
    if (isKnown && (isFresh || this.#leftOut || nowMs >= this.#untilMs)) return found.progress
    if (nowMs >= this.#untilMs) {
      this.#leavesOut = true
      return NOT_LOOKED
    }
    const progress = await this.#ask(subject, span)
    this.#found.set(key, { atMs: this.#ownNowMs(), progress })
    return progress
  }
}
