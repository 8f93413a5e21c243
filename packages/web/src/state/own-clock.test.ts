import { expect, test } from 'vitest'
import { clock, heardAt, logAheadMs, logNowMs, silenceMs } from './own-clock.ts'

const HOUR_MS = 3_600_000

test.each([
  ['both go on', 5_000, 5_000, 5_000],
  ['the time of day is set back', 5_000, 5_000 - 7 * HOUR_MS, 5_000],
  ['the time of day is set forward: doubt', 5_000, 7 * HOUR_MS, 7 * HOUR_MS],
  ['the machine slept, and the steady clock with it', 10, HOUR_MS, HOUR_MS],
  ['something was heard since the clock moved', -400, -400, 0],
])('silence is as long as the clock says that says more: %s', (_, steadyMs, wallMs, silence) => {
  heardAt.value = { steadyMs: 1_000, wallMs: 9 * HOUR_MS }
  clock.value = { steadyMs: 1_000 + steadyMs, wallMs: 9 * HOUR_MS + wallMs }
  expect(silenceMs.value).toBe(silence)
})

test('the log clock does not follow the time of day of the browser', () => {
  clock.value = { steadyMs: 1_000, wallMs: 42 }
  logAheadMs.value = 500_000
  expect(logNowMs.value).toBe(501_000)
  clock.value = { steadyMs: 2_000, wallMs: 42 + 7 * HOUR_MS }
  expect(logNowMs.value).toBe(502_000)
})
