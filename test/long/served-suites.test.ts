import { describe, expect, it } from 'vitest'
import { ServedDoor } from '../engine/harness/served-door.ts'
import { goThroughServer } from '../setup/virtual-time.ts'

// The suites of the engine that take long, with every process behind a server.
goThroughServer()

describe('through a server', async () => {
  await import('../engine/clock-steps.test.ts')
  await import('../engine/coalescing.test.ts')
  await import('../engine/job-reaper.test.ts')
  await import('../engine/no-hole.test.ts')
  await import('../engine/reaper-races.test.ts')
  await import('../engine/scenarios-holder.test.ts')
  await import('../engine/scenarios-reaper.test.ts')

  it('every process was behind one', () => {
    expect(ServedDoor.seen.opened).toBeGreaterThan(0)
    expect(ServedDoor.seen.unused).toBe(0)
  })
})
