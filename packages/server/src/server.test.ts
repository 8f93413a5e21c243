import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { expect, test, vi } from 'vitest'
import { Place } from './announce.ts'
import { serve } from './server.ts'

test('a server that cannot announce itself listens no more, and says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-announce-'))
  const url = `sqlite:${join(folder, 'ledger.db')}`
  await (await openLedger(url, { server: false })).close()
  const full = vi.spyOn(Place.prototype, 'announce').mockImplementation(() => {
    throw new Error('no space left on device')
  })
  try {
    await expect(serve({ store: url })).rejects.toThrow('no space left on device')
    const place = `${join(folder, 'ledger.db')}.serve`
    expect(existsSync(place) ? readdirSync(place).filter(name => name.endsWith('.sock')) : []).toEqual([])
    full.mockRestore()
    // The place is free for the next one.
    const next = await serve({ store: url })
    await next.stop()
  } finally {
    full.mockRestore()
    rmSync(folder, { recursive: true, force: true })
  }
})
