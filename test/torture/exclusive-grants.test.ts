import type { LogEntry } from '@holdfast/core'
import { expect, it } from 'vitest'
import { ExclusiveGrants, TTL_MS } from './exclusive-grants.ts'

/** Only what is looked at: a whole entry has fields that would say nothing here. */
function entry(type: string, revision: number, recordedAt: number, data: object): LogEntry {
  // As much of an entry as is read here.
  return { type, revision, recordedAt, data: { lane: 'a', ttlMs: TTL_MS, ...data } } as unknown as LogEntry
}

it('a lane that is granted while it is held is told, and one that was released or has expired is not', () => {
  const grants = new ExclusiveGrants()
  grants.take(entry('ACQUIRE', 1, 0, {}))
  grants.take(entry('RELEASE', 2, 10, { token: 1 }))
  grants.take(entry('ACQUIRE', 3, 20, {}))
  grants.take(entry('HEARTBEAT', 4, 1_000, { token: 3 }))
  grants.take(entry('RELEASE', 5, 1_010, { token: 1 }))
  grants.take(entry('ACQUIRE', 6, 1_000 + TTL_MS, {}))
  expect(grants.doubles).toEqual([])
  grants.take(entry('ACQUIRE', 7, 1_999 + TTL_MS, {}))
  expect(grants.doubles).toEqual(['a: granted at 7 while 6 was held'])
})
