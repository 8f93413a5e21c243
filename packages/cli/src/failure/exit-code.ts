/** What the command line ends with; scripts rely on these numbers. `run` has more of its own. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  notHeld: 4,
  unavailable: 5,
  untrusted: 6,
  interrupted: 130,
  terminated: 143,
} as const
