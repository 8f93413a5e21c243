/** Number of the protocol. Both sides must have the same one: what a command means is part of it. */
export const PROTOCOL = 1

/** Commands that one connection may have in flight; waiting requests and streams count apart. */
export const IN_FLIGHT_MAX = 256

/** Waiting requests, and streams, that one connection may have. */
export const LASTING_MAX = 1000

/** How long a hello may take, on either side. */
export const HELLO_WITHIN_MS = 2_000

/** Entries of one answer to who reads a log over a link. */
export const READ_MAX = 500
