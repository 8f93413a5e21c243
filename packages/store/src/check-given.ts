import { StoreError } from './errors.ts'

// From JavaScript anything may come where a type asks for one kind. What is refused here would else end in a TypeError
// that names a line of ours, and not what the caller gave.

type Kind = 'text' | 'number' | 'boolean' | 'function' | 'object'

/** Throws `invalid` unless it is text. `what` begins the sentence: "The store URL". */
export function checkText(given: unknown, what: string): void {
  if (typeof given !== 'string') throw refused(what, given, 'text')
}

/** Throws `invalid` unless it is an object whose options, as far as they are given, are of these kinds. */
export function checkOptions(given: unknown, kinds: Readonly<Record<string, Kind>>): void {
  if (!isObject(given)) throw refused('The options of a store', given, 'object')
  for (const [name, kind] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, name)
    const fits = value === undefined || (kind === 'object' ? isObject(value) : typeof value === nameOfType(kind))
    if (!fits) throw refused(`The option ${name}`, value, kind)
  }
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function nameOfType(kind: Kind): string {
  return kind === 'text' ? 'string' : kind
}

function refused(what: string, given: unknown, kind: Kind): StoreError {
  const wanted = kind === 'text' ? 'text' : kind === 'object' ? 'an object' : `a ${kind}`
  // Never the thing itself: a URL may hold a password.
  const shown = given === null ? 'null' : Array.isArray(given) ? 'a list' : typeof given
  return new StoreError('invalid', `${what} must be ${wanted}, and is ${shown}.`)
}
