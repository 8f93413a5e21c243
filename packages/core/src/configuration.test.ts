import { expect, test } from 'vitest'
import { Configuration, DEFAULT_CONFIGURATION, parseConfiguration } from './configuration.ts'

test('the default configuration is what an empty one means', () => {
  expect(Configuration.parse({})).toEqual(DEFAULT_CONFIGURATION)
})

test('a name that no record can hold is a fault, beside the others', () => {
  const input: unknown = JSON.parse(
    '{"lanes": {"__proto__": {}}, "kinds": {"__proto__": {"budget": 1}}, "graceMs": -1}',
  )
  const parsed = parseConfiguration(input)
  const paths = parsed.ok ? [] : parsed.faults.map(({ path }) => path)
  expect(paths.toSorted()).toEqual(['graceMs', 'kinds.__proto__', 'lanes.__proto__'])
  const alone = parseConfiguration(JSON.parse('{"lanes": {"__proto__": {}}}'))
  expect(alone).toEqual({ ok: false, faults: [{ path: 'lanes.__proto__', message: 'this name cannot be configured' }] })
})

test('a lane that is declared in two forms of Unicode is refused where the ledger takes them for one', () => {
  const lanes = { ['caf\u00e9']: {}, ['cafe\u0301']: {}, Café: {}, bar: {} }
  const message = 'this lane is declared twice: the same name in two forms of Unicode; leave one out'
  expect(parseConfiguration({ lanes })).toEqual({ ok: false, faults: [{ path: 'lanes.cafe\u0301', message }] })
  // The case of a lane's name always matters.
  expect(parseConfiguration({ lanes: { api: {}, API: {} } }).ok).toBe(true)
  expect(parseConfiguration({ caseSensitive: true, lanes }).ok).toBe(true)
})
