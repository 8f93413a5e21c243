import { FOREVER_MS } from '@holdfast/core/internal'
import { describe, expect, it } from 'vitest'
import { Instant, instantOf } from './instant.ts'

describe('an instant', () => {
  it('is ISO 8601 in UTC with milliseconds', () => {
    expect(instantOf(Date.UTC(2026, 1, 3, 4, 5, 6, 7))).toBe('2026-02-03T04:05:06.007Z')
  })

  it.each([FOREVER_MS, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0, -1])('%d is written as one', atMs => {
    expect(Instant.safeParse(instantOf(atMs)).success).toBe(true)
  })

  it('for ever is the last one that has four digits of a year', () => {
    expect(instantOf(FOREVER_MS)).toBe('9999-12-31T23:59:59.999Z')
    expect(instantOf(-FOREVER_MS)).toBe('0000-01-01T00:00:00.000Z')
  })
})
