/** Columns of the bar. */
const WIDTH = 30

/** Redrawn at most this often. */
const EVERY_MS = 100

/** A bar on standard error while something long runs; nothing where nobody looks at it. */
export class Progress {
  readonly #what: string
  readonly #shown = process.stderr.isTTY
  #drawnAtMs = 0
  #begun = false

  constructor(what: string) {
    this.#what = what
  }

  /** Without a total it counts. */
  show(done: number, total: number | null): void {
    const nowMs = Date.now()
    if (!this.#shown || (nowMs - this.#drawnAtMs < EVERY_MS && done !== total)) return
    this.#drawnAtMs = nowMs
    this.#begun = true
    process.stderr.write(`\r${this.#what} ${total === null ? String(done) : bar(done, total)}\u001B[K`)
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#begun) process.stderr.write('\r\u001B[K')
  }
}

function bar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(share * 100)}% of ${total}`
}
