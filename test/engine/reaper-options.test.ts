import { InputError, Reaper, type Ledger, type ReaperOptions } from '@holdfast/engine'
import { describe, expect, it } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { did, rig, tick } from './harness/reaper-rig.ts'

describe('the options of a reaper', () => {
  it.each([
    [{ intervalMs: -1 }, 'intervalMs'],
    [{ intervalMs: 0 }, 'intervalMs'],
    [{ intervalMs: 1.5 }, 'intervalMs'],
    [{ intervalMs: Number.NaN }, 'intervalMs'],
    [{ intervalMs: 2 ** 31 }, 'intervalMs'],
    [{ interval: 1000 }, 'interval'],
    [JSON.parse('{"__proto__":{}}'), '__proto__'],
    [{ constructor: 1 }, 'constructor'],
    [{ holder: '' }, 'holder'],
    [{ onReaped: './requeue.sh' }, 'onReaped'],
    [{ dryRun: 'yes' }, 'dryRun'],
  ])('%j are refused', (wrong: object, path) => {
    const options = Object.assign(Object.create(null), { holder: 'r' }) as ReaperOptions
    for (const [name, value] of Object.entries(wrong)) {
      Object.defineProperty(options, name, { value, enumerable: true, writable: true, configurable: true })
    }
    const make = () => new Reaper({} as Ledger, options)
    expect(make).toThrow(InputError)
    expect(make).toThrow(new RegExp(`^${path}: `))
  })
})

it('an effect may be synchronous, and what it throws is a failure of it', async () => {
  const fleet = new Fleet({ ...SCHEDULE_TIMES, effectAttempts: 2 })
  const told: string[] = []
  const onReaped: ReaperOptions['onReaped'] = ({ lease }) => {
    told.push(lease.lane)
    if (told.length === 1) throw new Error('not yet')
  }
  const { ledger, reaper } = await rig(fleet, 'R', { onReaped })
  await ledger.acquire({ lane: 'x', holder: 'A', ttl: '10s', reap: 'required' })
  await fleet.time.to(30_000)
  expect(did(await tick(fleet, reaper))).toEqual([['reaped', 'failed']])
  expect(told).toEqual(['x', 'x'])
  await fleet.close()
})

it.each([undefined, null, 'x', 7])('options %o are an error that says so', options => {
  const make = (): unknown => Reflect.construct(Reaper, [{}, options])
  expect(make).toThrow(InputError)
})
