/**
 * - `already-running`: `start` while it runs.
 * - `shut-down`: `start` after `shutdown`, after disposal, or under an aborted signal (the cause is its reason).
 * - `beat-failed`: the sink refused the beat; the cause is its error.
 * - `sink-busy`: a beat was due while the one before was still being written.
 * - `beat-too-large`: metadata beyond what a reader would accept.
 */
export type HeartbeatErrorCode = 'already-running' | 'shut-down' | 'beat-failed' | 'sink-busy' | 'beat-too-large'

/** What goes wrong with a heartbeat. */
export class HeartbeatError extends Error {
  readonly code: HeartbeatErrorCode

  constructor(code: HeartbeatErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'HeartbeatError'
    this.code = code
  }
}
