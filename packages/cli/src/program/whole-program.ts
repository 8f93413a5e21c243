/**
 * A program that holds a part of the commands has met a server, which it cannot speak to: the line is to be run again by the
 * whole program. Nothing was done yet.
 */
export class WholeProgramWanted extends Error {
  override readonly name = 'WholeProgramWanted'
}
