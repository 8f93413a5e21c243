import { InputError } from './input-error.ts'

// From JavaScript anything may come where a type asks for one kind. What is refused here would else end in a TypeError
// that names a line of ours, and not what the caller gave.

interface Kind {
  readonly name: string
  readonly fits: (value: unknown) => boolean
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown): boolean => typeof value === 'function'
const hasMethod = (value: unknown, method: string): boolean => isObject(value) && isFunction(Reflect.get(value, method))

const KINDS = {
  text: { name: 'text', fits: value => typeof value === 'string' },
  number: { name: 'a number', fits: value => typeof value === 'number' && !Number.isNaN(value) },
  boolean: { name: 'true or false', fits: value => typeof value === 'boolean' },
  function: { name: 'a function', fits: isFunction },
  object: { name: 'an object', fits: isObject },
  'object-or-null': { name: 'an object or null', fits: value => value === null || isObject(value) },
  'object-or-false': { name: 'an object or false', fits: value => value === false || isObject(value) },
  'object-or-function': { name: 'an object or a function', fits: value => isObject(value) || isFunction(value) },
  list: { name: 'a list', fits: Array.isArray },
  signal: { name: 'an AbortSignal', fits: value => hasMethod(value, 'addEventListener') },
  ledger: { name: 'an open ledger: await openLedger(URL)', fits: value => hasMethod(value, 'refresh') },
  store: { name: 'an open store: await openStore(URL)', fits: value => hasMethod(value, 'head') },
} as const satisfies Record<string, Kind>

/** What an option must be: of a kind, or one of a few values. */
export type OptionKind = keyof typeof KINDS | readonly (string | boolean)[]

/** Throws an `InputError` that names `path` unless it is an object of options or fields. */
export const checkObject = (given: unknown, path: string): void => check(given, path, 'object')
/** As `checkObject`, for text. */
export const checkText = (given: unknown, path: string): void => check(given, path, 'text')
/** As `checkObject`, for what can be called. */
export const checkFunction = (given: unknown, path: string): void => check(given, path, 'function')
/** As `checkObject`, for a list. */
export const checkList = (given: unknown, path: string): void => check(given, path, 'list')
/** As `checkObject`, for what `openLedger` gives. */
export const checkLedger = (given: unknown, path = 'ledger'): void => check(given, path, 'ledger')
/** As `checkObject`, for what `openStore` gives. */
export const checkStore = (given: unknown, path = 'store'): void => check(given, path, 'store')
/** As `checkObject`, for an object that somebody has written who was to give it this method. */
export function checkMethod(given: unknown, method: string, path: string): void {
  if (hasMethod(given, method)) return
  throw new InputError([
    { path, message: `${shownGiven(given)} was given; give an object with the function ${method}` },
  ])
}

/**
 * Throws an `InputError` that names every option of another kind than `kinds` says. One that is left out, or undefined,
 * is of none. Options that `kinds` does not know pass: who knows them looks at them.
 */
export function checkOptions(given: unknown, kinds: Readonly<Record<string, OptionKind>>, path = 'options'): void {
  checkObject(given, path)
  const faults = Object.entries(kinds).flatMap(([name, kind]) => {
    const value: unknown = Reflect.get(Object(given), name)
    return value === undefined || kindOf(kind).fits(value) ? [] : [{ path: name, message: giveInstead(value, kind) }]
  })
  if (faults.length > 0) throw new InputError(faults)
}

/** What a caller gave, for a message about it. */
export function shownGiven(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given)
  if (given === null || given === undefined || typeof given === 'number' || typeof given === 'boolean')
    return String(given)
  if (Array.isArray(given)) return 'a list'
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`
}

function check(given: unknown, path: string, kind: OptionKind): void {
  if (!kindOf(kind).fits(given)) throw new InputError([{ path, message: giveInstead(given, kind) }])
}

function kindOf(kind: OptionKind): Kind {
  if (typeof kind === 'string') return KINDS[kind]
  return {
    name: kind.map(allowed => JSON.stringify(allowed)).join(' or '),
    fits: value => kind.some(allowed => allowed === value),
  }
}

function giveInstead(given: unknown, kind: OptionKind): string {
  return `${shownGiven(given)} was given; give ${kindOf(kind).name}`
}
