/** A command cannot be confined here: the program for it is not there, or the system does not let it work. */
export class ConfinementError extends Error {
  override readonly name = 'ConfinementError'
  readonly code = 'unavailable'
}
