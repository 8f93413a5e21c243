import { Blocker } from '@holdfast/core'
import { expect, it } from 'vitest'
import { waitingText } from './waiting-line.ts'

const ANN = { leaseId: 'api@1', token: 1, lane: 'api', holder: 'ann' }
const CHILD = { host: 'h', bootId: null, pidNamespace: null, pid: 7, processStart: null }

function textFor(blocker: object, columns = 200): string {
  const refused = { blockers: [Blocker.parse({ ...ANN, ...blocker })], moreBlockers: 0 }
  return waitingText({ lane: 'api', refused, elapsedMs: 12_300, leftMs: 48_000, nowMs: 1_000, columns })
}

it.each([
  [{ code: 'lane-held', until: 31_000 }, 'ann holds api@1, 30s left'],
  [{ code: 'draining', until: 61_000 }, 'what was taken from ann drains, 1min left'],
  [{ code: 'queued-behind', leaseId: null, token: null, ticket: 4 }, 'ann is before it in line'],
  [{ code: 'awaiting-reap' }, 'api@1 of ann waits for a reaper'],
  [{ code: 'orphan-alive', child: CHILD }, 'a child of ann still runs (pid 7 on h)'],
])('%j', (blocker, what) => {
  expect(textFor(blocker)).toBe(`waiting 12s for api: ${what}; gives up in 48s`)
})

it('fits the terminal, and leaves its last column free', () => {
  expect(textFor({ code: 'lane-held' }, 30)).toHaveLength(29)
})
