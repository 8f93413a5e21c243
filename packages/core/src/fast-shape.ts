// What parsers made of schemas need at run time: those that the build writes, and those of `shape-parser.ts`.

interface Shape<T> {
  safeParse(input: unknown): { readonly success: true; readonly data: T } | { readonly success: false }
}

/** What a made parser answers when it cannot say at once that an input is fine. */
export const UNDECIDED: unique symbol = Symbol('undecided')

type Undecided = typeof UNDECIDED
type Parse = (input: unknown) => unknown

/** In the place of a default: the field may be absent, and then stays so. */
export const OMITTED: unique symbol = Symbol('omitted')

/** A field of an object: its name, how it is read, and what stands for it when it is absent. */
type Field = readonly [key: string, parse: Parse, absent?: typeof OMITTED | (() => unknown)]

/** Reads by a made parser; what that does not accept at once is for the schema itself to judge, and to explain. */
export function fastShape<T>(parse: (input: unknown) => T | Undecided, schema: () => Shape<T>): Shape<T> {
  return {
    safeParse: input => {
      const data = parse(input)
      return data === UNDECIDED ? schema().safeParse(input) : { success: true, data }
    },
  }
}

/** An object that came from JSON, or looks as if: for anything stranger the schema is asked. */
export function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && Object.getPrototypeOf(input) === Object.prototype
}

export function object(input: unknown, fields: readonly Field[], rest: 'dropped' | 'kept' | 'refused'): unknown {
  if (!isRecord(input)) return UNDECIDED
  const copy: Record<string, unknown> = {}
  let found = 0
  for (const [key, parse, absent] of fields) {
    const given = input[key]
    if (given !== undefined) {
      const value = parse(given)
      if (value === UNDECIDED) return UNDECIDED
      copy[key] = value
      found += 1
    } else if (absent === undefined || key in input) {
      return UNDECIDED // What is present and undefined is no JSON.
    } else if (absent !== OMITTED) {
      copy[key] = absent()
    }
  }
  if (rest === 'dropped') return copy
  const names = Object.keys(input)
  if (names.length === found) return copy
  return rest === 'kept' && keepRest(input, copy, { names, fields }) ? copy : UNDECIDED
}

function keepRest(
  input: Record<string, unknown>,
  copy: Record<string, unknown>,
  { names, fields }: { readonly names: readonly string[]; readonly fields: readonly Field[] },
): boolean {
  const known = new Set(fields.map(([key]) => key))
  for (const name of names) {
    if (name === '__proto__') return false
    if (!known.has(name)) copy[name] = input[name]
  }
  return true
}

export function tuple(input: unknown, items: readonly Parse[]): unknown {
  if (!Array.isArray(input) || input.length !== items.length) return UNDECIDED
  const values: unknown[] = []
  for (const [place, item] of items.entries()) {
    const value = item(input[place])
    if (value === UNDECIDED) return UNDECIDED
    values.push(value)
  }
  return values
}

export function list(input: readonly unknown[], element: Parse): unknown {
  const values: unknown[] = []
  for (const item of input) {
    const value = element(item)
    if (value === UNDECIDED) return UNDECIDED
    values.push(value)
  }
  return values
}

export function record(input: unknown, key: Parse, value: Parse): unknown {
  if (!isRecord(input) || Object.getOwnPropertySymbols(input).length > 0) return UNDECIDED
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(input)) {
    if (name === '__proto__' || key(name) === UNDECIDED) return UNDECIDED
    const each = value(input[name])
    if (each === UNDECIDED) return UNDECIDED
    copy[name] = each
  }
  return copy
}

/** A copy of any JSON value. */
export function json(input: unknown): unknown {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input
  if (typeof input === 'number') return Number.isFinite(input) ? input : UNDECIDED
  if (Array.isArray(input)) return list(input, json)
  return record(input, key => key, json)
}
