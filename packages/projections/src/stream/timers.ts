/** Calls back later. The one way in which live views and the engine let time pass, so that tests can pass it themselves. */
export interface Timers {
  /**
   * Runs `run` once, `spanMs` from now. The returned function cancels it. With `background` it does not keep the
   * process alive.
   */
  after(spanMs: number, run: () => void, options?: { readonly background?: boolean }): () => void
}
