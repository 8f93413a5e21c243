import { describe, expect, it } from 'vitest'
import { clock, distance, endAt, expiry, instant, span } from './times.ts'

describe('times for people', () => {
  it('a span has at most two units', () => {
    expect([0, 250, 1000, 90_000, 3_600_000, 93_784_000, 3_630_000, 5_400_000].map(span)).toEqual([
      '0ms',
      '250ms',
      '1s',
      '1min 30s',
      '1h',
      '1d 2h',
      '1h 30s',
      '1h 30min',
    ])
  })

  it('a span is rounded before it is split, so that no unit overflows', () => {
    expect([59_999, 3_599_999].map(span)).toEqual(['1min', '1h'])
  })

  it('an instant is told by its distance and by the clock', () => {
    const nowMs = Date.parse('2026-05-01T10:00:00.000Z')
    expect(instant(nowMs + 30_000, nowMs)).toBe('in 30s (2026-05-01 10:00:30Z)')
    expect(instant(nowMs - 30_000, nowMs)).toBe('30s ago (2026-05-01 09:59:30Z)')
    expect(distance(nowMs, nowMs)).toBe('now')
    expect(endAt(nowMs + 30_000, nowMs)).toBe('2026-05-01 10:00:30Z (in 30s)')
  })

  it('an expiry is told in the tense that is true', () => {
    const nowMs = Date.parse('2026-05-01T10:00:00.000Z')
    expect(expiry(nowMs + 30_000, nowMs)).toBe('expires in 30s (2026-05-01 10:00:30Z)')
    expect(expiry(nowMs - 9000, nowMs)).toBe('expired 9s ago (2026-05-01 09:59:51Z)')
  })

  it('an instant that no calendar has is for ever', () => {
    expect(clock(Number.MAX_SAFE_INTEGER)).toBe('for ever')
  })
})
