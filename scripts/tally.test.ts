import { expect, test } from 'vitest'
import { lastLine, tally } from './tally.ts'

const file = (status: string, ...tests: readonly string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((each, place) => ({ fullName: `test ${place}`, status: each })),
})

test('passed, failed and every kind of not run are counted apart', () => {
  const report = {
    testResults: [file('failed', 'passed', 'failed', 'skipped', 'todo', 'pending'), file('passed', 'passed')],
  }
  expect(tally(report)).toEqual({
    passed: 2,
    failed: 1,
    skipped: 3,
    skippedTitles: ['a.test.ts: test 2', 'a.test.ts: test 3', 'a.test.ts: test 4'],
  })
})

test('a file that fails to load counts as a failure', () => {
  expect(tally({ testResults: [file('failed'), file('failed', 'passed')] })).toMatchObject({ passed: 1, failed: 2 })
})

test('the last line names skipped tests only when there are any', () => {
  expect(lastLine({ passed: 3, failed: 0, skipped: 0, skippedTitles: [] })).toBe('3 passed, 0 failed')
  expect(lastLine({ passed: 3, failed: 1, skipped: 2, skippedTitles: [] })).toBe('3 passed, 1 failed, 2 skipped')
})
