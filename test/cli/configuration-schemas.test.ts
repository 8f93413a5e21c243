import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationJsonSchema } from '@holdfast/core'
import { localConfigurationJsonSchema } from 'holdfast/schemas'
import { expect, it } from 'vitest'

const docs = join(import.meta.dirname, '..', '..', 'docs')

it.each([
  ['ledger.config.schema.json', configurationJsonSchema],
  ['holdfast.config.schema.json', localConfigurationJsonSchema],
])('docs/%s is the schema that the code checks by', (file, schema) => {
  expect(JSON.parse(readFileSync(join(docs, file), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema())))
})
