import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreError } from '../errors.ts'
import type { Wait } from './wait-queue.ts'
import { WriteLock, type Attempt } from './write-lock.ts'

const DEADLINE_MS = 30
const PAUSE_MS = 10
const BUSY: Attempt<never> = { kind: 'busy' }
const DONE: Attempt<string> = { kind: 'done', value: 'written' }

function lockOf(wait: Partial<Wait>): WriteLock {
  const whole: Wait = {
    mayTry: () => true,
    isNear: () => false,
    cameNearer: () => false,
    pause: () => sleep(PAUSE_MS),
    got: () => {},
    end: () => {},
    ...wait,
  }
  const waiting = { begin: () => whole, close: () => {} }
  const locked = (): StoreError => new StoreError('unavailable', 'it stayed locked')
  return new WriteLock({ waiting, deadlineMs: DEADLINE_MS, locked })
}

test('a lock that nobody gets is given up at the deadline', async () => {
  await expect(lockOf({}).run(() => BUSY)).rejects.toThrow('it stayed locked')
})

test('whoever sees others get their turn waits on, for as long as they do', async () => {
  const beginMs = performance.now()
  let ahead = 20
  const lock = lockOf({ mayTry: () => ahead === 0, cameNearer: () => (ahead -= 1) >= 0 })
  expect(await lock.run(() => DONE)).toBe('written')
  expect(performance.now() - beginMs).toBeGreaterThan(DEADLINE_MS)
  const stuck = lockOf({ mayTry: () => true, cameNearer: () => (ahead += 1) <= 5 })
  await expect(stuck.run(() => BUSY)).rejects.toThrow('it stayed locked')
})

test('nobody gives up without a try of its own, whatever the line says', async () => {
  expect(await lockOf({ mayTry: () => false }).run(() => DONE)).toBe('written')
})
