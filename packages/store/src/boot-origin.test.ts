import { expect, it } from 'vitest'
import { bootOrigin, type OriginFacts } from './boot-origin.ts'

const PROC = 20
const LXCFS = 65

const stat = (startedMs: number): string => `7 (a) (b ) R ${'0 '.repeat(18)}${startedMs / 10} 0 0`

/** A machine that has been up for an hour, and one of its processes. */
function facts(changes: {
  /** Where the uptime begins that the process reads; `null`: it is the kernel's. */
  readonly replacedFromMs?: number
  /** How long ago this process was started, perhaps as another program. */
  readonly startedAgoMs?: number
  /** How long each new process takes to start, and then to end. */
  readonly startTakesMs?: readonly number[]
  readonly offsets?: string
  readonly without?: 'proc' | 'new processes'
}): OriginFacts & { readonly measures: () => number } {
  const { replacedFromMs, startedAgoMs = 100, startTakesMs = [10], offsets = '', without } = changes
  let bootedMs = 3_600_000
  let measures = 0
  const own = stat(bootedMs - startedAgoMs)
  return {
    text: path => {
      if (without === 'proc') return ''
      return path === '/proc/self/stat' ? own : path === '/proc/self/timens_offsets' ? offsets : 'boot-1'
    },
    link: () => 'time:[1]',
    device: path =>
      without === 'proc' ? null : path === '/proc/uptime' && replacedFromMs !== undefined ? LXCFS : PROC,
    uptimeMs: () => bootedMs - (replacedFromMs ?? 0),
    statOfNew: () => {
      const takesMs = startTakesMs[Math.min(measures, startTakesMs.length - 1)] ?? 0
      measures += 1
      bootedMs += takesMs
      const told = without === 'new processes' ? '' : stat(bootedMs)
      bootedMs += takesMs
      return told
    },
    measures: () => measures,
  }
}

it.each([
  ['a process that was a shell before', { startedAgoMs: 600_000 }],
  ['a process that takes long to start', { startedAgoMs: 2500 }],
  ['a system without /proc', { without: 'proc' }],
] as const)('the kernel’s uptime begins at the boot, and nothing is measured: %s', (_, changes) => {
  const machine = facts(changes)
  expect(bootOrigin(machine).originMs).toBe(0)
  expect(machine.measures()).toBe(0)
})

it.each([0, 100, 3000, 9000, 600_000])(
  'a container’s uptime has the same origin for a process that was started %i ms ago',
  startedAgoMs => {
    for (const replacedFromMs of [10_000, 3_000_000]) {
      expect(bootOrigin(facts({ replacedFromMs, startedAgoMs })).originMs).toBe(replacedFromMs)
    }
  },
)

it('is measured again while a busy machine comes between, and not for ever', () => {
  const busy = facts({ replacedFromMs: 10_000, startTakesMs: [4000, 2000, 20] })
  expect(bootOrigin(busy).originMs).toBe(10_000)
  expect(busy.measures()).toBe(3)
  const busier = facts({ replacedFromMs: 10_000, startTakesMs: [4000] })
  expect(bootOrigin(busier).originMs).toBe(10_000)
  expect(busier.measures()).toBe(5)
})

it('falls back to the start of this process where no other can be started', () => {
  expect(bootOrigin(facts({ replacedFromMs: 10_000, without: 'new processes', startedAgoMs: 0 })).originMs).toBe(10_000)
})

it('counts the offset of a time namespace, whose number may be given again', () => {
  const offsets = 'monotonic           0         0\nboottime           40 500000000'
  expect(bootOrigin(facts({ offsets }))).toEqual({ bootId: 'boot-1', timeNamespace: 'time:[1]', originMs: -40_500 })
  expect(bootOrigin(facts({ offsets: 'boottime -5 0' })).originMs).toBe(5000)
})
