import { expect, test } from 'vitest'
import { Configuration, DEFAULT_CONFIGURATION } from './configuration.ts'

test('the default configuration is what an empty one means', () => {
  expect(Configuration.parse({})).toEqual(DEFAULT_CONFIGURATION)
})
