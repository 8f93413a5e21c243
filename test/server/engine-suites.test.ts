import { describe, expect, it } from 'vitest'
import { ServedDoor } from '../engine/harness/served-door.ts'
import { goThroughServer } from '../setup/virtual-time.ts'

// The suites of the engine as they stand, with every process behind a server: real frames over a real socket, on the test's
// own time. `test/long` has those that take longer.
goThroughServer()

describe('through a server', async () => {
  await import('../engine/halting.test.ts')
  await import('../engine/lineage.test.ts')
  await import('../engine/many-leases.test.ts')
  await import('../engine/pipeline.test.ts')
  await import('../engine/reaper.test.ts')
  await import('../engine/self-guard.test.ts')
  await import('../engine/waiting.test.ts')

  it('every process was behind one', () => {
    expect(ServedDoor.seen.opened).toBeGreaterThan(0)
    expect(ServedDoor.seen.unused).toBe(0)
  })
})
