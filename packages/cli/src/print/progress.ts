import { span } from './times.ts'

/** Redrawn at most this often. */
const EVERY_MS = 100

const TAKEN_AWAY = '\r\u001B[K'

/** A bar on standard error while something long runs; nothing where nobody looks at it. */
export class Progress {
  readonly #shown: boolean
  #step = ''
  #begunAtMs = 0
  #drawnAtMs = 0
  #begun = false

  /** `quiet`: nothing is shown on a terminal either. */
  constructor({ quiet }: { readonly quiet: boolean }) {
    this.#shown = process.stderr.isTTY && !quiet
  }

  /** Each step has a bar of its own, and its own time. */
  show(step: string, amount: Amount): void {
    if (!this.#shown) return
    const nowMs = performance.now()
    if (step !== this.#step) {
      this.#step = step
      this.#begunAtMs = nowMs
    } else if (nowMs - this.#drawnAtMs < EVERY_MS && amount.done < amount.total) return
    this.#drawnAtMs = nowMs
    this.#begun = true
    const elapsedMs = nowMs - this.#begunAtMs
    const line = progressLine({ step, ...amount, elapsedMs, columns: process.stderr.columns || undefined })
    process.stderr.write(`\r${line}\u001B[K`)
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#begun) process.stderr.write(TAKEN_AWAY)
  }
}

/** Columns of the bar where there is room. */
const WIDTH = 30

/** Columns of a terminal that does not say. */
const COLUMNS = 80

/** Before it, how fast it goes is a guess. */
const ESTIMATED_AFTER_MS = 1000

export interface Amount {
  readonly unit: 'bytes' | 'lines' | 'events'
  readonly done: number
  readonly total: number
}

export interface ProgressState extends Amount {
  readonly step: string
  readonly elapsedMs: number
  readonly columns?: number | undefined
}

/** One line that fits the terminal: what is done, a bar, how much of how much, and how long the rest may take. */
export function progressLine({ step, unit, done, total, elapsedMs, columns = COLUMNS }: ProgressState): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const text = `${Math.floor(share * 100)}% of ${amountOf(total, unit)}${rest(share, elapsedMs)}`
  // The last column stays free: some terminals go on to the next line when it is written.
  const width = Math.min(WIDTH, columns - step.length - text.length - 3)
  const full = Math.round(share * width)
  const line = width < 1 ? `${step} ${text}` : `${step} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${text}`
  return line.slice(0, Math.max(0, columns - 1))
}

function amountOf(total: number, unit: Amount['unit']): string {
  const isLarge = unit === 'bytes' && total >= 1_000_000
  return isLarge ? `${Math.round(total / 1_000_000)} MB` : `${total} ${unit}`
}

/** The whole takes as long in proportion as what is done has taken. */
function rest(share: number, elapsedMs: number): string {
  if (elapsedMs < ESTIMATED_AFTER_MS || share === 0 || share === 1) return ''
  const leftMs = (elapsedMs / share) * (1 - share)
  return `, ${span(Math.max(1000, leftMs))} left`
}
