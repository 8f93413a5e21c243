import { fc, it as property } from '@fast-check/vitest'
import type { LogEntry } from '@holdfast/core'
import type { LiveLedger } from '@holdfast/engine'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { HttpScene } from '../http/http-scene.ts'
import { readExposition } from './exposition.ts'

const step = fc.record({
  does: fc.constantFrom(
    'acquire',
    'acquire',
    'acquire',
    'wait',
    'beat',
    'release',
    'scavenge',
    'adopt',
    'halt',
    'spawn',
  ),
  by: fc.constantFrom('http', 'file'),
  lane: fc.constantFrom('a', 'b'),
  holder: fc.constantFrom('H', 'I'),
  ttl: fc.constantFrom('1ms', '1h'),
  force: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

let at: HttpScene
let file: LiveLedger
beforeAll(async () => {
  at = await HttpScene.make({}, { measured: ['default'] })
  file = await at.scene.open({ server: false })
  await file.configure({ ...file.config, graceMs: 0, orphanGraceMs: 0 })
})
afterAll(() => at[Symbol.asyncDispose]())

async function take({ does, by, lane, holder, ttl, force }: Step): Promise<void> {
  const token = [...(await file.refresh()).leases.values()].find(lease => lease.lane === lane)?.token ?? 0
  const bodies = {
    acquire: { lane, holder, ttl },
    wait: { lane, holder, ttl },
    beat: { lane, holder, token },
    release: { lane, holder, token },
    scavenge: { lane, token, force },
    adopt: { lane, holder: `${holder}2`, expectToken: token, force },
    halt: { handle: 'h', lane },
    spawn: { lane, holder },
  }
  const paths = { wait: 'acquire?wait=1ms', beat: 'heartbeat' }
  if (by === 'http') {
    const path = does === 'wait' || does === 'beat' ? paths[does] : does
    expect((await at.post(path, bodies[does])).status).toBeLessThan(500)
  } else if (does === 'acquire') await file.acquire(bodies.acquire)
  else if (does === 'wait') await file.acquire(bodies.wait, { wait: '1ms' })
  else if (does === 'beat') await file.heartbeat(bodies.beat)
  else if (does === 'release') await file.release(bodies.release)
  else if (does === 'scavenge') await file.scavenge(bodies.scavenge)
  else if (does === 'adopt') await file.adopt({ lane, newHolder: `${holder}2`, expectToken: token, force })
  else if (does === 'halt') await file.halt(bodies.halt)
  else await file.spawn(bodies.spawn)
}

/** What the log says of each counter, by its labels. */
function truth(log: readonly LogEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const count = (...names: readonly unknown[]): void => {
    const name = names.map(String).join(' ')
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const safeUntil = new Map<string, { at: number; ttlMs: number }>()
  for (const entry of log) {
    count('events', entry.type)
    if (entry.type === 'REFUSE' && entry.data.code !== 'withdrawn') count('refusals', entry.data.code)
    if (entry.type === 'ACQUIRE') {
      const { leaseId, ttlMs } = entry.data
      safeUntil.set(leaseId, { at: entry.recordedAt + ttlMs, ttlMs })
    }
    if (entry.type === 'HEARTBEAT') {
      const lease = safeUntil.get(entry.data.leaseId)
      if (lease === undefined) throw new Error('a beat is of a lease')
      if (entry.recordedAt >= lease.at) count('late_beats')
      lease.at = Math.max(lease.at, entry.recordedAt + lease.ttlMs)
    }
    if (entry.type === 'ADOPT') {
      count('adoptions', 'takeover', entry.data.forced)
      const lease = safeUntil.get(entry.data.leaseId)
      if (lease !== undefined) lease.at = entry.recordedAt + lease.ttlMs
    }
    if (entry.type === 'SCAVENGE') {
      count('evictions', entry.data.cause, entry.data.forced)
      if (entry.data.cause === 'expired') count('expiries')
    }
  }
  return counts
}

/** What the server says, without the counters that are 0. */
async function told(): Promise<ReadonlyMap<string, number>> {
  const { text } = await at.ask('/metrics', { headers: { Authorization: `Bearer ${at.owner}` } })
  const counts = new Map<string, number>()
  for (const [name, { samples }] of readExposition(text)) {
    const kind = /^holdfast_(events|refusals|late_beats|adoptions|evictions|expiries)_total$/.exec(name)?.[1]
    if (kind === undefined) continue
    for (const { labels, value } of samples) {
      const { type, code, cause, kind: of, forced } = labels
      if (value > 0) counts.set([kind, type, code, cause, of, forced].filter(one => one !== undefined).join(' '), value)
    }
  }
  return counts
}

describe('the counters of a server', () => {
  property.prop([fc.array(step, { minLength: 10, maxLength: 25, size: 'max' })], { numRuns: 8 })(
    'tell of any run what its log tells, whoever has written it',
    async steps => {
      for (const one of steps) await take(one)
      const [counted, log] = [await told(), await at.scene.log()]
      expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(truth(log)))
    },
  )
})
