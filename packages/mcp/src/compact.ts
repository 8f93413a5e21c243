import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { STEP_TITLE } from './told.ts'

/** What is checked all the same, and what a model need not read. Without `$schema` the protocol's own draft is meant. */
const UNTOLD = new Set([
  '$schema',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'propertyNames',
  'additionalProperties',
])

/** A schema that checks everything and tells the shape alone: agents read the definitions of all tools at each start. */
export function compact<S extends z.ZodType>(schema: S): StandardSchemaWithJSON<z.input<S>, z.output<S>> {
  const json = { input: () => shapeOf(schema, 'input'), output: () => shapeOf(schema, 'output') }
  const { vendor, version, validate } = schema['~standard']
  return { '~standard': { vendor, version, validate, jsonSchema: json } }
}

function shapeOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return told(z.toJSONSchema(schema, { io }))
}

function told(shape: object): Record<string, unknown> {
  if ('title' in shape && shape.title === STEP_TITLE) return { type: 'object' }
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(shape)) if (!UNTOLD.has(name)) kept[name] = within(name, value)
  return kept
}

/** Names of fields are no words of a schema. */
function within(name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (name !== 'properties') return told(value)
  const fields: readonly [string, unknown][] = Object.entries(value)
  return Object.fromEntries(
    fields.map(([field, shape]) => [field, typeof shape === 'object' && shape !== null ? told(shape) : shape]),
  )
}
