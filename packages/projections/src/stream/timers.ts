/** Calls back later. The one way in which live views let time pass, so that tests can pass it themselves. */
export interface Timers {
  /** Runs `run` once, `spanMs` from now. The returned function cancels it. */
  after(spanMs: number, run: () => void): () => void
}
