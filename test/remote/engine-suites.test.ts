import { describe, expect, it } from 'vitest'
import { RemoteDoor } from '../engine/harness/remote-door.ts'
import { goThroughServer } from '../setup/virtual-time.ts'

// The suites of the engine as they stand, with every process at a server by HTTP, without the store: real connections with
// real tokens, on the test's own time.
goThroughServer({ by: 'http' })

describe('by HTTP', async () => {
  await import('../engine/halting.test.ts')
  await import('../engine/lineage.test.ts')
  await import('../engine/many-leases.test.ts')
  await import('../engine/pipeline.test.ts')
  await import('../engine/reaper.test.ts')
  await import('../engine/self-guard.test.ts')
  await import('../engine/waiting.test.ts')

  it('every process was behind one', () => {
    expect(RemoteDoor.seen.opened).toBeGreaterThan(0)
    expect(RemoteDoor.seen.unused).toBe(0)
  })
})
