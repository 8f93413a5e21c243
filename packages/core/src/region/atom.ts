import type { UnitSet } from './unit-set.ts'

/**
 * What a glob becomes when read from left to right; `parseAtoms` nests them.
 * - `text`: exactly these UTF-16 units, at least one; `class`: one of (or none of) these; `any`: one unit, not a slash or any at all;
 *   `many`: any number of those.
 * - `open`, `or`, `close`: a group of alternatives; `repeat`: one or more of the item before it.
 * - `some-ahead`: something follows; `name-ahead`: what follows is not the end of the segment, nor a
 *   single dot and then its end; `end`: nothing follows; `never`: cannot match; `nothing`: always matches.
 * - `broken`: a place at which picomatch builds a regular expression that JavaScript rejects.
 */
export type Leaf =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'class'; readonly members: UnitSet; readonly negated: boolean }
  | { readonly is: 'any' | 'many'; readonly but: 'slash' | 'nothing' }
  | { readonly is: 'some-ahead' | 'name-ahead' | 'end' | 'never' | 'nothing' }

export type Atom =
  | Leaf
  | { readonly is: 'open' | 'or' | 'close' }
  | { readonly is: 'repeat' | 'broken'; readonly position: number }

export const OPEN: Atom = { is: 'open' }
export const OR: Atom = { is: 'or' }
export const CLOSE: Atom = { is: 'close' }
export const SOME_AHEAD: Atom = { is: 'some-ahead' }
export const NAME_AHEAD: Atom = { is: 'name-ahead' }
export const END: Atom = { is: 'end' }
export const NEVER: Atom = { is: 'never' }
export const NOTHING: Atom = { is: 'nothing' }
/** `?` */
export const ONE: Atom = { is: 'any', but: 'slash' }
/** Any unit: what a dot means that picomatch forgot to escape. */
export const WILD_DOT: Atom = { is: 'any', but: 'nothing' }
/** `*` */
export const STAR: Atom = { is: 'many', but: 'slash' }
/** `**`: line ends too, which picomatch leaves out. A name may hold one, and a region covers all that is below it. */
export const DEEP: Atom = { is: 'many', but: 'nothing' }

/** A text, not empty, taken literally. What repeats its last unit must have that unit for itself. */
export const literal = (text: string): Atom[] => [{ is: 'text', text }]
