import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openLedger, thisProcess, type AcquireRequest } from '@holdfast/engine'

const SPAN_MS = 9 * 60_000
const BEAT_MS = 15_000
const TTL = '2m'

/** Some minutes in the life of a fleet, recorded at once: only the clock is set back to when it would have happened. */
export async function recordScene(store: string): Promise<void> {
  const endMs = Date.now()
  const startMs = endMs - SPAN_MS
  let nowMs = startMs
  const origin = { bootId: 'of-the-pictures', timeNamespace: 'of-the-pictures', originMs: startMs }
  const bootClock = { origin, nowMs: () => Math.round(nowMs - startMs) }
  await using ledger = await openLedger(store, { clock: () => Math.round(nowMs), bootClock, server: false })
  const held = new Map<string, { readonly lane: string; readonly holder: string; readonly token: number }>()

  const acquire = async (lane: string, holder: string, more: Partial<AcquireRequest> = {}): Promise<void> => {
    const outcome = await ledger.acquire({ lane, holder, process: null, ttl: TTL, ...more })
    if (outcome.outcome === 'granted') held.set(`${lane} ${holder}`, { lane, holder, token: outcome.lease.token })
  }
  const release = async (lane: string, holder: string, reason: string): Promise<void> => {
    const lease = held.get(`${lane} ${holder}`)
    held.delete(`${lane} ${holder}`)
    if (lease !== undefined) await ledger.release({ ...lease, reason })
  }
  const pass = async (spanMs: number, ...silent: readonly string[]): Promise<void> => {
    const untilMs = Math.min(nowMs + spanMs, endMs - 1_000)
    while (nowMs < untilMs) {
      nowMs = Math.min(untilMs, nowMs + BEAT_MS)
      for (const lease of held.values()) if (!silent.includes(lease.lane)) await ledger.heartbeat(lease)
    }
  }

  await acquire('api', 'agent-ada', { region: ['packages/engine/src/**'] })
  await acquire('web', 'agent-grace', { region: ['packages/web/**'] })
  await acquire('docs', 'agent-linus', { region: ['docs/**'] })
  await pass(45_000)
  await acquire('runner-fix', 'agent-mary', { region: ['packages/engine/src/run/**'] })
  await pass(30_000)
  await release('docs', 'agent-linus', 'merged')
  await acquire('deploy', 'ci-41')
  await pass(60_000)
  await acquire('deploy', 'ci-42')
  await pass(15_000)
  await release('deploy', 'ci-41', 'deployed')
  await acquire('deploy', 'ci-42')
  await acquire('schema', 'agent-edsger', { region: ['packages/core/src/events.ts'] })
  await pass(45_000)
  await ledger.halt({ handle: 'web', lane: 'web', reason: 'the design changed' })
  await pass(15_000)
  await release('web', 'agent-grace', 'stopped as asked')
  await acquire('docs', 'agent-linus', { region: ['docs/**'] })
  await pass(30_000)
  const ci = held.get('deploy ci-42')
  held.delete('deploy ci-42')
  if (ci !== undefined) await ledger.scavenge({ ...ci, force: true, reason: 'the job hangs' })
  await pass(45_000)
  await acquire('web', 'agent-barbara', { region: ['packages/web/**'] })
  await acquire('search-index', 'reader-1', { mode: 'shared' })
  await pass(30_000)
  await acquire('search-index', 'reader-2', { mode: 'shared' })
  // Its process is this one, which is gone when somebody looks.
  await acquire('migration', 'agent-alan', { process: { ...thisProcess(), pid: 4_194_303 } })
  await pass(60_000)
  const api = held.get('api agent-ada')
  held.delete('api agent-ada')
  if (api !== undefined) {
    const adopted = await ledger.adopt({
      lane: 'api',
      newHolder: 'agent-tim',
      expectToken: api.token,
      force: true,
      process: null,
      reason: 'ada is stuck',
    })
    if (adopted.outcome === 'adopted') held.set('api', { lane: 'api', holder: 'agent-tim', token: adopted.lease.token })
  }
  const waiting = { for: 'permission', detail: 'pnpm db:migrate' }
  await ledger.spawn({ lane: 'schema', holder: 'agent-edsger', process: null, ttl: '30m', waiting })
  await pass(SPAN_MS, 'docs')
}

/** Somebody waits for a lane that is held, as a process of its own. */
export function waitInLine(store: string): AsyncDisposable {
  const command = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'holdfast.js')
  const words = [
    'acquire',
    'web-theme',
    '--store',
    store,
    '--holder',
    'agent-niklaus',
    '--region',
    'packages/web/src/style/**',
    '--wait',
    '5m',
  ]
  const child = spawn(process.execPath, [command, ...words], { stdio: 'ignore' })
  return {
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
