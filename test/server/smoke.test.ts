import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { serve } from '@holdfast/server'
import { expect, it } from 'vitest'

it('goes through a server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hs-'))
  const url = `sqlite:${join(folder, 'l.db')}`
  await (await openLedger(url)).close()
  const server = await serve({ store: url })
  const a = await openLedger(url)
  expect(server.connections).toBe(1)
  expect(await a.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted' })
  const asked = await a.hold({ lane: 'y', holder: 'A', ttl: '5s' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  await asked.lease.beat()
  await asked.lease.guard(() => undefined)
  const b = await openLedger(url)
  const waited = b.acquire({ lane: 'y', holder: 'B' }, { wait: '10s' })
  await new Promise(r => setTimeout(r, 200))
  expect(await asked.lease.release()).toMatchObject({ outcome: 'released' })
  expect(await waited).toMatchObject({ outcome: 'granted' })
  const lease = await a.hold({ lane: 'z', holder: 'A', ttl: '5s' })
  if (lease.outcome !== 'granted') throw new Error(lease.outcome)
  await b.halt({ handle: 'h', lane: 'z' })
  await expect.poll(() => lease.lease.haltRequested.aborted).toBe(true)
  await b.scavenge({ lane: 'z', token: lease.lease.token, force: true })
  await expect.poll(() => lease.lease.signal.aborted).toBe(true)
  await server.stop()
  expect(await a.acquire({ lane: 'w', holder: 'A' })).toMatchObject({ outcome: 'granted' })
  await a.close()
  await b.close()
  rmSync(folder, { recursive: true })
})
