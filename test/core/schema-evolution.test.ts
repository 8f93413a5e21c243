import { configurationJsonSchema, fold, parseEntry, type RawEntry } from '@holdfast/core'
import { upcast } from '@holdfast/core/internal'
import { comparableState, compare } from '@holdfast/core/laws'
import { describe, expect, test } from 'vitest'
import { nextEventId } from './harness/alphabet.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { expectEqual } from './harness/properties.ts'

const ACQUIRED = {
  lane: 'x',
  leaseId: 'x@1',
  holder: 'A',
  region: ['src/**'],
  process: null,
  attempt: 1,
  maxAttempts: 1,
  reap: 'optional',
}

function entry(type: string, schemaVersion: number, revision: number, data: unknown): RawEntry {
  return { eventId: nextEventId(), revision, recordedAt: revision * 10, type, schemaVersion, actor: null, data }
}

describe('an entry of an older schema', () => {
  test('folds to what its counterpart of today folds to', () => {
    const [genesis] = new CoreLedger().log
    if (genesis === undefined) throw new Error('a log begins with genesis')
    const evicted = { lane: 'x', leaseId: 'x@1', token: 1, disposition: 'none', forced: false, evidence: {} }
    const old = [
      entry('ACQUIRE', 0, 1, { ...ACQUIRED, ttlSeconds: 9, shared: true }),
      entry('HEARTBEAT', 0, 2, { lane: 'x', leaseId: 'x@1', token: 1 }),
      entry('SCAVENGE', 0, 3, { ...evicted, cause: 'ttl' }),
    ]
    const today = [
      entry('ACQUIRE', 1, 1, { ...ACQUIRED, ttlMs: 9_000, graceMs: 0, mode: 'shared' }),
      entry('HEARTBEAT', 1, 2, { lane: 'x', leaseId: 'x@1', token: 1 }),
      entry('SCAVENGE', 1, 3, { ...evicted, cause: 'expired' }),
    ]
    for (let length = 1; length <= old.length; length += 1) {
      const [before, after] = [old, today].map(log =>
        comparableState(fold([genesis, ...log.slice(0, length).map(parseEntry)])),
      )
      expect(before?.unrecognisedCount).toBe(0)
      expectEqual(compare(after, before))
    }
  })

  test('with its flag down covers for itself alone', () => {
    const old = entry('ACQUIRE', 0, 1, { ...ACQUIRED, ttlSeconds: 9, shared: false })
    expect(parseEntry(old)).toMatchObject({ type: 'ACQUIRE', data: { mode: 'exclusive' } })
  })

  test('that no step makes valid is unrecognised, and shown as the store had it', () => {
    const raw = entry('ACQUIRE', 0, 1, { ...ACQUIRED, ttlSeconds: 'nine' })
    expect(parseEntry(raw)).toMatchObject({ type: 'UNRECOGNISED', problem: 'invalid', raw })
  })

  test('an upcast changes nothing that is not older, and survives anything', () => {
    for (const version of [1, 2, -1, 0.5, Number.NaN]) {
      const raw = entry('ACQUIRE', version, 1, { ttlSeconds: 9 })
      expect(upcast(raw)).toBe(raw)
    }
    for (const data of [null, 7, 'text', [], { cause: 1 }]) {
      for (const type of ['ACQUIRE', 'SCAVENGE', 'HEARTBEAT', 'constructor', '__proto__']) {
        expect(upcast(entry(type, 0, 1, data)).schemaVersion).toBe(1)
      }
    }
  })
})

describe('the JSON Schema of the configuration', () => {
  const schema = configurationJsonSchema()

  test('names every setting with its default, its bounds and nothing else', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: {
        ttlDefaultMs: { type: 'integer', exclusiveMinimum: 0, default: 90_000 },
        graceMs: { type: 'integer', minimum: 0, default: 30_000 },
        probeCount: { minimum: 2, maximum: 100 },
        caseSensitive: { type: 'boolean', default: false },
        exclusiveLanes: { type: 'array', maxItems: 1000 },
        lanes: { type: 'object' },
      },
    })
    expect(schema).not.toHaveProperty('required')
  })

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })
})
