import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationJsonSchema } from '@holdfast/core'
import { localConfigurationJsonSchema } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import * as z from 'zod'

const docs = join(import.meta.dirname, '..', '..', 'docs')

it.each([
  ['ledger.config.schema.json', configurationJsonSchema],
  ['holdfast.config.schema.json', localConfigurationJsonSchema],
])('docs/%s is the schema that the code checks by', (file, schema) => {
  expect(JSON.parse(readFileSync(join(docs, file), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema())))
})

const Node = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  default: z.unknown().optional(),
})

/** Each key that a schema knows, by its path, with its default; a section is told by its keys. */
function keys(schema: unknown, path = ''): readonly (readonly [key: string, byDefault: string])[] {
  const { properties = {}, default: byDefault } = Node.parse(schema)
  const below = Object.entries(properties).flatMap(([name, value]) =>
    keys(value, path === '' ? name : `${path}.${name}`),
  )
  if (below.length > 0) return below
  return [[path, byDefault === undefined ? '-' : typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)]]
}

it('docs/configuration.md has every key, with its default, and no other', () => {
  const text = readFileSync(join(docs, 'configuration.md'), 'utf8')
  const told = Array.from(
    text.matchAll(/^\| `([a-z][\w.]+)` \| (\S+) \|/gm),
    ([, key = '', byDefault = '']) => [key, byDefault] as const,
  )
  const known = [configurationJsonSchema(), localConfigurationJsonSchema()].flatMap(schema => keys(schema))
  expect(told.length).toBe(new Map(told).size)
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known.filter(([key]) => key !== '$schema')))
})

it('docs/configuration.md has the variables that the command line reads', () => {
  const text = readFileSync(join(docs, 'configuration.md'), 'utf8')
  const told = new Set(text.match(/(?<=`)HOLDFAST_\w+(?=`)/g))
  const sources = join(docs, '..', 'packages', 'cli', 'src')
  const read = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap(file => readFileSync(join(sources, file), 'utf8').match(/(?<=')HOLDFAST_\w+(?=')/g) ?? [])
  expect(new Set(read).size).toBeGreaterThan(4)
  for (const variable of read) expect(told, variable).toContain(variable)
})
