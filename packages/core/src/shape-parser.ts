import type { $ZodCheck, $ZodChecks, $ZodType, $ZodTypes } from 'zod/v4/core'
import { list, object, OMITTED, UNDECIDED } from './fast-shape.ts'
import type { Shape } from './shape.ts'

type Parse = (input: unknown) => unknown
type Field = Parameters<typeof object>[1][number]

/**
 * Reads by a parser that is made of the schema when it is first asked. As the parsers of the published program (ADR 11) it
 * takes at once what is unmistakably fine, with the result that the schema gives, and hands everything else to the schema.
 * A process that reads a few hundred inputs has not warmed a schema up: there this is several times faster.
 */
export function parserOf<T>(schema: Shape<T>): Shape<T> {
  let parse: Parse | undefined
  return {
    safeParse: input => {
      parse ??= isSchema(schema) ? parseBy(schema) : undecided
      const data = parse(input)
      // What the schema would have made of it.
      return data === UNDECIDED ? schema.safeParse(input) : { success: true, data: data as T }
    },
  }
}

const undecided: Parse = () => UNDECIDED

/** Kinds of schema that are not known here are left to the schema. */
function parseBy(schema: $ZodTypes): Parse {
  const { def } = schema._zod
  if (def.type === 'string') return leaf(schema, input => typeof input === 'string')
  if (def.type === 'number') return leaf(schema, Number.isFinite)
  if (def.type === 'array') return listBy(schema, known(def.element))
  if ((def.checks ?? []).length > 0) return undecided
  if (def.type === 'boolean') return input => (typeof input === 'boolean' ? input : UNDECIDED)
  if (def.type === 'unknown') return input => input
  if (def.type === 'enum') return oneOf(Object.values(def.entries))
  if (def.type === 'literal') return oneOf(def.values)
  if (def.type === 'nullable') {
    const inner = parseBy(known(def.innerType))
    return input => (input === null ? null : inner(input))
  }
  if (def.type === 'object') return objectBy(def.shape, def.catchall)
  if (def.type === 'union' && def.options.every(option => LEAVES.has(known(option)._zod.def.type))) {
    const options = def.options.map(option => parseBy(known(option)))
    return input => (options.some(parse => parse(input) !== UNDECIDED) ? input : UNDECIDED)
  }
  return undecided
}

/** Schemas that make of a value that they take this very value, so that it is the same which of several takes it. */
const LEAVES: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'enum', 'literal'])

function oneOf(values: readonly unknown[]): Parse {
  const words = new Set(values)
  return input => (words.has(input) ? input : UNDECIDED)
}

function leaf(schema: $ZodTypes, isOfType: (input: unknown) => boolean): Parse {
  const checks = checksOf(schema)
  if (checks === null) return undecided
  return input => (isOfType(input) && checks.every(check => check(input)) ? input : UNDECIDED)
}

function listBy(schema: $ZodTypes, element: $ZodTypes): Parse {
  const checks = checksOf(schema)
  if (checks === null) return undecided
  const each = parseBy(element)
  return input => (Array.isArray(input) && checks.every(check => check(input)) ? list(input, each) : UNDECIDED)
}

function objectBy(shape: Readonly<Record<string, $ZodType>>, catchall: $ZodType | undefined): Parse {
  const rest = catchall === undefined ? 'dropped' : RESTS.get(known(catchall)._zod.def.type)
  if (rest === undefined) return undecided
  const fields = Object.entries(shape).map(([key, field]) => fieldBy(key, known(field)))
  return input => object(input, fields, rest)
}

/** What becomes of fields that the object does not name. */
const RESTS: ReadonlyMap<string, 'kept' | 'refused'> = new Map([
  ['unknown', 'kept'],
  ['never', 'refused'],
])

function fieldBy(key: string, field: $ZodTypes): Field {
  const { def } = field._zod
  if (def.type === 'optional') return [key, parseBy(known(def.innerType)), OMITTED]
  if (def.type !== 'default') return [key, parseBy(field)]
  return [key, parseBy(known(def.innerType)), () => def.defaultValue]
}

type Check = (input: unknown) => boolean

/** What a value must meet besides; `null`: something that is not known here. */
function checksOf(schema: $ZodTypes): readonly Check[] | null {
  const { def } = schema._zod
  // A format, such as that numbers are whole, is its own first check; zod's types do not say so.
  const own = 'check' in def ? [schema as unknown as $ZodChecks] : []
  const checks = [...own, ...(def.checks ?? []).map(check => check as $ZodChecks)].map(checkBy)
  const all = checks.filter(check => check !== null)
  return all.length === checks.length ? all : null
}

function checkBy(check: $ZodChecks): Check | null {
  const { def } = check._zod
  // Lengths count code points. Text of as many units has at most as many of them, and at least half.
  if (def.check === 'min_length') {
    const least = def.minimum <= 1 ? def.minimum : 2 * def.minimum
    return input => lengthOf(input) >= least
  }
  if (def.check === 'max_length') return input => lengthOf(input) <= def.maximum
  if (def.check === 'greater_than') {
    const { value, inclusive } = def
    return input => typeof input === 'number' && (inclusive ? input >= Number(value) : input > Number(value))
  }
  if (def.check === 'less_than') {
    const { value, inclusive } = def
    return input => typeof input === 'number' && (inclusive ? input <= Number(value) : input < Number(value))
  }
  if (def.check === 'number_format' && def.format === 'safeint') return Number.isSafeInteger
  if (def.check === 'string_format' && (def.format === 'regex' || def.format === 'uuid')) {
    const { pattern } = def
    if (pattern === undefined || pattern.global || pattern.sticky) return null
    return input => typeof input === 'string' && pattern.test(input)
  }
  return refinementOf(check)
}

function refinementOf(check: $ZodCheck): Check | null {
  const { def } = check._zod
  if (!('fn' in def) || typeof def.fn !== 'function' || 'when' in def) return null
  const { fn } = def
  return input => Reflect.apply(fn, undefined, [input]) === true
}

function lengthOf(input: unknown): number {
  return typeof input === 'string' || Array.isArray(input) ? input.length : Number.NaN
}

/** The union of all schemas that there are: zod types the members of a schema by what they have in common alone. */
function known(schema: $ZodType): $ZodTypes {
  return schema as $ZodTypes
}

function isSchema(value: unknown): value is $ZodTypes {
  return typeof value === 'object' && value !== null && '_zod' in value
}
