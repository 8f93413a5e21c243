/** The connection ended, or nothing is heard: what was asked for may have been done, or not. */
export class LinkLost extends Error {
  readonly code = 'link-lost'
}

/** A request that fits no frame: it was never sent, and whoever sends it again over a link has the same. */
export class RequestTooLong extends LinkLost {}

/** A command that was done, and whose answer fits no frame. */
export class AnswerTooLong extends LinkLost {}
