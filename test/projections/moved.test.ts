import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lane } from '@holdfast/core'
import { openLedgerOn, systemTimers } from '@holdfast/engine'
import { moveLedger } from '@holdfast/engine/maintenance'
import {
  events$,
  laneBlockers$,
  laneHolders$,
  liveLeases$,
  liveness$,
  livenessView$,
} from '@holdfast/projections/streams'
import { openStore, type LogStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { lastValueFrom, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'

describe('a ledger that moves while it is watched', () => {
  it('ends every stream with where it continues, also those that begin later; where it goes on they go on', async () => {
    const store = openMemoryStore()
    const ledger = await openLedgerOn(store, { create: true })
    await ledger.acquire({ lane: 'api', holder: 'a' })
    const options = { timers: systemTimers }
    const claim = {
      lane: Lane.parse('api'),
      mode: 'exclusive' as const,
      region: [],
      kind: null,
      workTree: null,
    }
    const streams = (of: LogStore): Observable<unknown>[] => [
      events$(of, 'default'),
      liveLeases$(of, 'default', options),
      liveness$(of, 'default', options),
      livenessView$(of, 'default', options),
      laneHolders$(of, 'default', claim.lane, options),
      laneBlockers$(of, 'default', { claim, ...options }),
    ]
    const ended = streams(store).map(each => lastValueFrom(each).catch((error: unknown) => error))
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-moved-'))
    const target = await openStore(`sqlite:${join(folder, 'ledger.db')}`)
    await moveLedger(ledger, target)
    const later = streams(store).map(each => lastValueFrom(each).catch((error: unknown) => error))
    for (const error of await Promise.all([...ended, ...later])) {
      expect(error).toMatchObject({ code: 'moved' })
      expect(String(error)).toContain(`continues at ${target.url}`)
    }
    const seen = await Promise.all(streams(target).map(firstOf))
    expect(seen.every(each => each !== undefined)).toBe(true)
    await Promise.all([store.close(), target.close()])
    rmSync(folder, { recursive: true })
  })
})

function firstOf(stream: Observable<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const watching = stream.subscribe({
      next: value => {
        resolve(value)
        queueMicrotask(() => watching.unsubscribe())
      },
      error: reject,
    })
  })
}
