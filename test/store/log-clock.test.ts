import { openSqliteStore } from '@holdfast/store/sqlite'
import { systemBootClock, type BootClock, type LogStore } from '@holdfast/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beat } from './harness/events.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

const HOUR = 3_600_000
const START = 1_800_000_000_000

/** A machine whose clocks are set by hand. */
class Machine {
  wallMs = START
  bootMs = 50_000
  origin = { bootId: 'boot-1', timeNamespace: 'time:[1]', originMs: 0 }

  readonly bootClock: BootClock

  constructor() {
    const nowMs = (): number => this.bootMs
    const origin = (): BootClock['origin'] => this.origin
    this.bootClock = {
      get origin() {
        return origin()
      },
      nowMs,
    }
  }

  pass(ms: number): void {
    this.wallMs += ms
    this.bootMs += ms
  }

  reboot(): void {
    this.origin = { ...this.origin, bootId: `${this.origin.bootId}'` }
    this.bootMs = 1000
  }
}

let machine: Machine
let path: string
let remove: () => Promise<void>

beforeEach(async () => {
  machine = new Machine()
  ;({ path, remove } = await freshFolder())
})

afterEach(() => remove())

function open(): Promise<LogStore> {
  return openSqliteStore({ path, clock: () => machine.wallMs, bootClock: machine.bootClock })
}

async function record(store: LogStore): Promise<number> {
  const result = await store.append('default', 'any', [beat()])
  if (result.outcome !== 'appended') throw new Error('a beat conflicts with nothing')
  return result.recordedAt
}

test.each([HOUR, -HOUR])('a step of the wall clock by %d ms moves nothing within a boot', async stepMs => {
  await using store = await open()
  expect(await record(store)).toBe(START)
  machine.pass(1000)
  machine.wallMs += stepMs
  expect(await store.now('default')).toBe(START + 1000)
  expect(await record(store)).toBe(START + 1000)
  // Another process that starts after the step goes by the same clock.
  await using other = await open()
  machine.pass(500)
  expect(await other.now('default')).toBe(START + 1500)
  expect(await record(other)).toBe(START + 1500)
  expect(await record(store)).toBe(START + 1500)
})

test('a reboot takes up the wall clock, and now says so before anything is written', async () => {
  {
    await using store = await open()
    expect(await record(store)).toBe(START)
  }
  machine.pass(10_000)
  machine.reboot()
  await using store = await open()
  expect(await store.now('default')).toBe(START + 10_000)
  machine.wallMs += HOUR
  machine.pass(1)
  expect(await store.now('default')).toBe(START + 10_001)
  expect(await record(store)).toBe(START + 10_001)
})

test('a wall clock that went back over a reboot holds the clock at what was recorded', async () => {
  {
    await using store = await open()
    expect(await record(store)).toBe(START)
  }
  machine.wallMs -= HOUR
  machine.reboot()
  await using store = await open()
  expect(await store.now('default')).toBe(START)
  machine.pass(700)
  expect(await record(store)).toBe(START + 700)
})

test.each([
  { what: 'an uptime of its own', change: { originMs: 40_000 } },
  { what: 'another time namespace', change: { timeNamespace: 'time:[2]' } },
])('under one boot, a process with $what is refused, and only where time matters', async ({ change }) => {
  await using store = await open()
  await record(store)
  machine.origin = { ...machine.origin, ...change }
  await using other = await open()
  expect(await other.head('default')).toBe(0)
  await expect(other.now('default')).rejects.toMatchObject({ code: 'clock-mismatch' })
  await expect(record(other)).rejects.toMatchObject({ code: 'clock-mismatch' })
})

test('where the platform names no boot, an uptime that went back counts as a reboot', async () => {
  machine.origin = { bootId: '', timeNamespace: '', originMs: 0 }
  await using store = await open()
  machine.pass(60_000)
  const before = await record(store)
  machine.bootMs = 500
  machine.wallMs += 2000
  expect(await record(store)).toBe(before + 2000)
  machine.pass(10)
  expect(await record(store)).toBe(before + 2010)
})

test('the clock of this machine has an origin, and goes forward', () => {
  const clock = systemBootClock()
  expect(clock.nowMs()).toBeGreaterThan(0)
  expect(clock.origin.originMs).toBe(0)
})
