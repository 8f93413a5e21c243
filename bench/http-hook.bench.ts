import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { serve, TokenStore } from '@holdfast/server'
import { hookDoor } from '../packages/cli/src/hook-door/index.ts'
import type { Benchmark } from './benchmark.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-bench-')))
const path = join(folder, '.holdfast', 'ledger.db')
const store = `sqlite:${path}`
const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 })
const waitsMs = new Map<string, number[]>()
let server: Awaited<ReturnType<typeof serve>> | undefined
let token = ''

/** One request on a connection that stays open, as an agent's. */
async function ask(name: string, place: string, body: object | null): Promise<void> {
  const before = performance.now()
  await new Promise<void>((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const method = body === null ? 'GET' : 'POST'
    const asked = request(`${server?.http?.url ?? ''}${place}`, { agent: keepAlive, method, headers }, response => {
      response.resume()
      response.on('end', resolve)
    })
    asked.on('error', reject)
    asked.end(body === null ? '' : JSON.stringify(body))
  })
  const waits = waitsMs.get(name) ?? []
  waitsMs.set(name, waits)
  waits.push(performance.now() - before)
}

const document = (event: string, more: object) => ({
  session_id: 'bench',
  hook_event_name: event,
  cwd: folder,
  ...more,
})

const hook = (name: string, more: object, event = 'PreToolUse') =>
  ask(name, '/v1/ledgers/default/hook/claude-code', document(event, more))

export const benchmark: Benchmark = {
  title: 'the hook of an agent by HTTP, compared with a request that does nothing',
  budgetMs: 4_000,
  setup: async () => {
    mkdirSync(join(folder, '.holdfast'))
    const ledger = await openLedger(store, { server: false })
    for (let lease = 0; lease < 5; lease += 1) {
      await ledger.acquire({ lane: `lane-${lease}`, holder: 'somebody', region: [`src/${lease}/**`] })
    }
    await ledger.close()
    server = await serve({ store, http: { listen: '127.0.0.1:0', hooks: async () => hookDoor() } })
    token = new TokenStore(store).create(
      { name: 'bench', can: ['acquire', 'release', 'heartbeat', 'spawn'] },
      Date.now(),
    ).secret
    for (let call = 0; call < 50; call += 1)
      await hook('warm', { tool_name: 'Write', tool_input: { file_path: 'a.ts' } })
  },
  teardown: async () => {
    for (const [name, waits] of waitsMs) {
      const sorted = waits.toSorted((a, b) => a - b)
      const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(2)
      console.log(`${name}: ${waits.length} calls, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`)
    }
    keepAlive.destroy()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  },
  cases: [
    { name: 'healthz', run: () => ask('healthz', '/healthz', null) },
    {
      name: 'an edit that is judged',
      run: () => hook('edit', { tool_name: 'Write', tool_input: { file_path: 'a.ts' } }),
    },
    {
      name: 'an edit that is refused and recorded',
      run: () => hook('refused', { tool_name: 'Write', tool_input: { file_path: 'src/0/x.ts' } }),
    },
    { name: 'a tool that has run', run: () => hook('after', { tool_name: 'Read', tool_input: {} }, 'PostToolUse') },
  ],
}
