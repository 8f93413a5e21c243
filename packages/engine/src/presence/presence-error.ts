/** `unreadable-folder`: it is there but cannot be listed, or is no folder; the cause is the system's error. */
export type PresenceErrorCode = 'unreadable-folder'

/** A folder of heartbeat files that cannot be looked at: nobody's presence or absence may be concluded. */
export class PresenceError extends Error {
  readonly code: PresenceErrorCode

  constructor(code: PresenceErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'PresenceError'
    this.code = code
  }
}
