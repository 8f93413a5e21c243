/** How long after a server was lost, or looked for in vain, it is looked for again, when there is something to send. */
export const LOOK_AGAIN_MS = 1_000
