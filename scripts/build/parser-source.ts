import type { $ZodCheck, $ZodChecks, $ZodType, $ZodTypes } from 'zod/v4/core'

/** A function that a schema refines by, and where made parsers import it from. */
export interface Predicate {
  readonly from: string
  readonly name: string
}

export interface ParserSourceOptions {
  /** Functions of refinements. A schema that refines by another one cannot be made a parser of. */
  readonly predicates: ReadonlyMap<unknown, Predicate>
  /** Module with what made parsers need at run time. */
  readonly runtime: string
  /** Module that holds the schemas themselves, required when one is asked for. */
  readonly schemas: string
}

/**
 * Source of a module that exports a shape for each exported schema, and for each record of schemas a record of shapes.
 * It holds plain functions: reading by them builds no schema. They accept at once what is unmistakably fine, with the
 * result that the schema gives, and hand everything else to the schema.
 *
 * @throws Error for a kind of schema that it does not know: nothing is left unchecked by oversight.
 */
export function parserSource(exports: unknown, options: ParserSourceOptions): string {
  const parsers = new ParserWriter(options.predicates)
  const shape = (schema: $ZodTypes, path: string) =>
    `fastShape(${parsers.nameFor(schema)}, () => require(${text(options.schemas)}).${path})`
  const shapes = membersOf(exports, 'the module').map(([name, exported]) => {
    if (isSchema(exported)) return `export const ${name} = ${shape(exported, name)}`
    const members = membersOf(exported, name).map(([key, member]) => {
      if (!isSchema(member)) throw unknown(`the member ${key} of ${name}`)
      return `${text(key)}: ${shape(member, `${name}[${text(key)}]`)}`
    })
    return `export const ${name} = { ${members.join(', ')} }`
  })
  return [
    `import { fastShape, isRecord, json, list, object, OMITTED, record, tuple, UNDECIDED } from ${text(options.runtime)}`,
    ...parsers.imports(),
    ...parsers.written,
    ...shapes,
    '',
  ].join('\n')
}

class ParserWriter {
  readonly written: string[] = []
  readonly #names = new Map<$ZodTypes, string>()
  readonly #definitions = new Map<string, string>()
  readonly #predicates: ReadonlyMap<unknown, Predicate>
  readonly #used = new Set<Predicate>()

  constructor(predicates: ReadonlyMap<unknown, Predicate>) {
    this.#predicates = predicates
  }

  imports(): readonly string[] {
    return [...this.#used].map(({ from, name }) => `import { ${name} } from ${text(from)}`)
  }

  /** Name of the function that reads by a schema; written at its first mention. */
  nameFor(schema: $ZodTypes): string {
    const known = this.#names.get(schema)
    if (known !== undefined) return known
    if (isJson(schema)) return 'json'
    const body = this.#body(schema)
    const name = this.#once(body, 'p', name => `function ${name}(i) { ${body} }`)
    this.#names.set(schema, name)
    return name
  }

  #body(schema: $ZodTypes): string {
    const { def } = schema._zod
    if (def.type === 'string') return `return typeof i === 'string'${this.#checks(schema)} ? i : UNDECIDED`
    if (def.type === 'number') return `return Number.isFinite(i)${this.#checks(schema)} ? i : UNDECIDED`
    if (def.type === 'array') {
      return `return Array.isArray(i)${this.#checks(schema)} ? list(i, ${this.nameFor(known(def.element))}) : UNDECIDED`
    }
    // Lazy, a value made into another, or anything at all: rare, and left to the schema.
    if (def.type === 'lazy' || def.type === 'pipe' || def.type === 'custom') return 'return UNDECIDED'
    if ((def.checks ?? []).length > 0) throw unknown(`checks on a schema of type ${def.type}`)
    if (def.type === 'boolean') return `return typeof i === 'boolean' ? i : UNDECIDED`
    if (def.type === 'unknown') return 'return i'
    if (def.type === 'enum') return `return ${this.#set(Object.values(def.entries))}.has(i) ? i : UNDECIDED`
    if (def.type === 'literal') return `return ${this.#set(def.values)}.has(i) ? i : UNDECIDED`
    if (def.type === 'nullable') return `return i === null ? null : ${this.nameFor(known(def.innerType))}(i)`
    if (def.type === 'tuple') return this.#tuple(def.items.map(known), def.rest)
    if (def.type === 'record') {
      return `return record(i, ${this.nameFor(known(def.keyType))}, ${this.nameFor(known(def.valueType))})`
    }
    if (def.type === 'object') return this.#object(def.shape, def.catchall)
    if (def.type === 'union') return this.#byDiscriminator(schema)
    throw unknown(`a schema of type ${def.type}`)
  }

  #tuple(items: readonly $ZodTypes[], rest: $ZodType | null): string {
    if (rest !== null) throw unknown('a tuple with a rest')
    return `return tuple(i, [${items.map(item => this.nameFor(item)).join(', ')}])`
  }

  #object(shape: Readonly<Record<string, $ZodType>>, catchall: $ZodType | undefined): string {
    const fields = Object.entries(shape).map(([key, field]) => this.#field(key, known(field)))
    const name = this.#once(fields.join(), 'f', name => `let ${name}`)
    return `return object(i, ${name} ??= [${fields.join(', ')}], '${restOf(catchall)}')`
  }

  #field(key: string, field: $ZodTypes): string {
    const { def } = field._zod
    if (def.type === 'optional') return `[${text(key)}, ${this.nameFor(known(def.innerType))}, OMITTED]`
    if (def.type !== 'default') return `[${text(key)}, ${this.nameFor(field)}]`
    return `[${text(key)}, ${this.nameFor(known(def.innerType))}, () => (${text(def.defaultValue)})]`
  }

  #byDiscriminator(schema: $ZodTypes): string {
    const { def } = schema._zod
    if (def.type === 'union' && def.options.every(option => isLeaf(known(option)))) {
      const isOne = def.options.map(option => `${this.nameFor(known(option))}(i) !== UNDECIDED`)
      return `return ${isOne.join(' || ')} ? i : UNDECIDED`
    }
    if (!('discriminator' in def) || typeof def.discriminator !== 'string' || !('options' in def)) {
      throw unknown('a union without a discriminator')
    }
    const tag = def.discriminator
    const options = def.options.map(known).map(option => {
      if (option._zod.def.type !== 'object') throw unknown('a union of anything but objects')
      const literal = known(option._zod.def.shape[tag])._zod.def
      if (literal.type !== 'literal') throw unknown('a discriminator that is no literal')
      return `${this.#set(literal.values)}.has(i[${text(tag)}]) ? ${this.nameFor(option)}(i)`
    })
    return `return !isRecord(i) ? UNDECIDED : ${options.join(' : ')} : UNDECIDED`
  }

  /** Conditions that a value must meet besides, each behind an `&&`. */
  #checks(schema: $ZodTypes): string {
    const { def } = schema._zod
    // A format, such as that numbers are whole, is its own first check; zod's types do not say so.
    const own = 'check' in def ? [schema as unknown as $ZodChecks] : []
    const all = [...own, ...(def.checks ?? []).map(check => check as $ZodChecks)]
    return all.map(check => ` && ${this.#check(check)}`).join('')
  }

  #check(check: $ZodChecks): string {
    const { def } = check._zod
    // Lengths count code points. Text of as many units has at most as many of them, and at least half.
    if (def.check === 'min_length') return `i.length >= ${def.minimum <= 1 ? def.minimum : 2 * def.minimum}`
    if (def.check === 'max_length') return `i.length <= ${def.maximum}`
    if (def.check === 'greater_than') return `i ${def.inclusive ? '>=' : '>'} ${number(def.value)}`
    if (def.check === 'less_than') return `i ${def.inclusive ? '<=' : '<'} ${number(def.value)}`
    if (def.check === 'number_format' && def.format === 'safeint') return 'Number.isSafeInteger(i)'
    if (def.check === 'string_format' && (def.format === 'regex' || def.format === 'uuid')) {
      return `${this.#pattern(def.pattern)}.test(i)`
    }
    return `${this.#predicate(check)}(i)`
  }

  #predicate(check: $ZodCheck): string {
    const { def } = check._zod
    const predicate = 'fn' in def ? this.#predicates.get(def.fn) : undefined
    if (predicate === undefined || 'when' in def) throw unknown(`a check ${def.check} that is no known function`)
    this.#used.add(predicate)
    return predicate.name
  }

  #pattern(pattern: RegExp | undefined): string {
    if (pattern === undefined || pattern.global || pattern.sticky) throw unknown('a pattern with a memory')
    return this.#constant('r', String(pattern))
  }

  #set(values: readonly unknown[]): string {
    return this.#constant('k', `new Set(${text(values)})`)
  }

  #constant(prefix: string, value: string): string {
    return this.#once(value, prefix, name => `const ${name} = ${value}`)
  }

  /** Name of a definition; those that say the same are one. */
  #once(what: string, prefix: string, definition: (name: string) => string): string {
    const known = this.#definitions.get(what)
    if (known !== undefined) return known
    const name = `${prefix}${this.#definitions.size}`
    this.#definitions.set(what, name)
    this.written.push(definition(name))
    return name
  }
}

/** Whether a schema makes of a value that it takes this very value, so that it is the same which of several takes it. */
function isLeaf(schema: $ZodTypes): boolean {
  return ['string', 'number', 'boolean', 'enum', 'literal'].includes(schema._zod.def.type)
}

/** What becomes of fields that the object does not name. */
function restOf(catchall: $ZodType | undefined): 'dropped' | 'kept' | 'refused' {
  if (catchall === undefined) return 'dropped'
  const { type } = known(catchall)._zod.def
  if (type === 'unknown') return 'kept'
  if (type === 'never') return 'refused'
  throw unknown(`a rest of type ${type}`)
}

/** Whether a schema is `z.json()`: a union that contains arrays and records of itself. */
function isJson(schema: $ZodTypes): boolean {
  if (schema._zod.def.type !== 'lazy') return false
  const inner = known(schema._zod.def.getter())._zod.def
  if (inner.type !== 'union') return false
  const [string, number, boolean, nothing, array, record] = inner.options.map(option => known(option)._zod.def)
  return (
    inner.options.length === 6 &&
    string?.type === 'string' &&
    number?.type === 'number' &&
    boolean?.type === 'boolean' &&
    nothing?.type === 'null' &&
    array?.type === 'array' &&
    array.element === schema &&
    record?.type === 'record' &&
    record.valueType === schema
  )
}

/** The union of all schemas that there are: zod types the members of a schema by what they have in common alone. */
function known(schema: $ZodType | undefined): $ZodTypes {
  if (schema === undefined) throw unknown('an absent schema')
  return schema as $ZodTypes
}

function isSchema(value: unknown): value is $ZodTypes {
  return typeof value === 'object' && value !== null && '_zod' in value
}

function membersOf(value: unknown, name: string): [key: string, member: unknown][] {
  if (typeof value !== 'object' || value === null) throw unknown(name)
  return Object.entries(value)
}

function number(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unknown('a bound that is no number')
  return String(value)
}

function text(value: unknown): string {
  const written = JSON.stringify(value)
  if (written === undefined) throw unknown('a value that JSON cannot hold')
  return written
}

function unknown(what: string): Error {
  return new Error(`No parser can be made of ${what}; teach scripts/build/parser-source.ts.`)
}
