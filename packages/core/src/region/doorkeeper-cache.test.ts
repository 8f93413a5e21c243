import { expect, test } from 'vitest'
import { DoorkeeperCache } from './doorkeeper-cache.ts'

/** Two entries with keys of four characters fit, a third does not. */
const ROOM_FOR_TWO = 140

test('a value is kept from the second time on that its key is offered', () => {
  const cache = new DoorkeeperCache<number>({ lengthMax: ROOM_FOR_TWO })
  cache.offer('a', 1)
  expect(cache.get('a')).toBeUndefined()
  cache.offer('a', 2)
  expect(cache.get('a')).toBe(2)
  expect(cache.get('b')).toBeUndefined()
})

test('full of kept values, it forgets them and begins anew', () => {
  const cache = new DoorkeeperCache<number>({ lengthMax: ROOM_FOR_TWO })
  for (const key of ['aaaa', 'aaaa', 'bbbb', 'bbbb']) cache.offer(key, 1)
  expect([cache.get('aaaa'), cache.get('bbbb')]).toEqual([1, 1])
  cache.offer('cccc', 2)
  cache.offer('cccc', 2)
  expect([cache.get('aaaa'), cache.get('bbbb'), cache.get('cccc')]).toEqual([undefined, undefined, 2])
})

test('keys offered once are forgotten too, before they are too many', () => {
  const cache = new DoorkeeperCache<number>({ lengthMax: ROOM_FOR_TWO })
  for (const key of ['aaaa', 'bbbb', 'cccc', 'aaaa']) cache.offer(key, 1)
  expect(cache.get('aaaa')).toBeUndefined()
  cache.offer('aaaa', 1)
  expect(cache.get('aaaa')).toBe(1)
})

test('a key longer than all it may keep is never kept, and forgets nothing', () => {
  const cache = new DoorkeeperCache<number>({ lengthMax: ROOM_FOR_TWO })
  for (const key of ['a', 'a', 'x'.repeat(ROOM_FOR_TWO), 'x'.repeat(ROOM_FOR_TWO)]) cache.offer(key, 1)
  expect(cache.get('x'.repeat(ROOM_FOR_TWO))).toBeUndefined()
  expect(cache.get('a')).toBe(1)
})
