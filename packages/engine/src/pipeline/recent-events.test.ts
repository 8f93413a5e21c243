import type { Revision } from '@holdfast/core'
import { BOOT_STEP_MS } from '@holdfast/store/internal'
import { expect, it } from 'vitest'
import { RecentEvents } from './recent-events.ts'

const at = (revision: number): Revision => revision as Revision

/** Everything through revision 7 had been read when the boot clock showed 1,000. */
function marked(): RecentEvents {
  const recent = new RecentEvents('none')
  recent.mark(at(7), 1_000)
  return recent
}

it.each([
  ['is what stood in the log then, where its sender knew less', at(3), 1_000 + BOOT_STEP_MS, at(7)],
  ['is what stood in the log then, where its sender knew nothing', 'none', 2_000, at(7)],
  ['is what its sender knew, where that was more', at(9), 2_000, at(9)],
  ['is what its sender knew, where the reading may have been later than the sending', at(3), 1_000, at(3)],
  ['is what its sender knew, where the sending was long before', at(3), 5, at(3)],
  ['is what its sender knew, where he does not say when', at(3), undefined, at(3)],
  ['is not asked for, where it is sent once', undefined, 2_000, undefined],
] as const)('what a command cannot stand before %s', (_, sentAfter, sentAtBootMs, expected) => {
  expect(marked().before({ sentAfter, sentAtBootMs })).toBe(expected)
})

it('remembers some seconds of what was read, and the newest reading of all', () => {
  const recent = new RecentEvents('none')
  for (let ms = 0; ms <= 60_000; ms += 30) recent.mark(at(ms), ms)
  const before = (sentAtBootMs: number) => recent.before({ sentAfter: 'none', sentAtBootMs })
  expect(before(60_000 + BOOT_STEP_MS)).toBe(60_000)
  const some = Number(before(55_000))
  expect(some).toBeLessThanOrEqual(55_000 - BOOT_STEP_MS)
  expect(some).toBeGreaterThan(54_700)
  expect(before(1_000)).toBe('none')
})
