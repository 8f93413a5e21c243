// Beside etcd, where its server is on the path and HOLDFAST_BENCH_ETCD3 names a folder in which `npm install etcd3` was run.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLedger, type Ledger } from '@holdfast/engine'
import type { Benchmark } from './benchmark.ts'

const SERVER = 'etcd'
const PORT = 23_790
const PEER_PORT = 23_800

/** Tries to reach the server that was started, 100 ms apart. */
const TRIES_MAX = 100

interface Etcd {
  if(key: string, target: 'Version', comparison: '==', value: number): EtcdTransaction
  delete(): { key(key: string): PromiseLike<unknown> }
  put(key: string): { value(value: string): EtcdPut }
  get(key: string): PromiseLike<unknown>
  close(): void
}
interface EtcdTransaction {
  then(...operations: readonly EtcdPut[]): { commit(): Promise<{ readonly succeeded: boolean }> }
}
type EtcdPut = PromiseLike<unknown>

const client = process.env['HOLDFAST_BENCH_ETCD3']
const isThere = (process.env['PATH'] ?? '').split(delimiter).some(folder => {
  try {
    accessSync(join(folder, SERVER), constants.X_OK)
    return true
  } catch {
    return false
  }
})

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'holdfast-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let server: ChildProcess | undefined
let etcd: Etcd
let ledger: Ledger

async function start(): Promise<void> {
  const url = `http://127.0.0.1:${PORT}`
  const peer = `http://127.0.0.1:${PEER_PORT}`
  const urls = ['--listen-client-urls', url, '--advertise-client-urls', url, '--listen-peer-urls', peer]
  const alone = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`]
  server = spawn(SERVER, ['--data-dir', join(folder, 'etcd'), ...urls, ...alone], { stdio: 'ignore' })
  const { Etcd3 } = createRequire(join(client ?? '', 'package.json'))('etcd3') as {
    readonly Etcd3: new (options: { readonly hosts: string }) => Etcd
  }
  etcd = new Etcd3({ hosts: url })
  for (let tries = 1; ; tries += 1) {
    try {
      await etcd.get('ready')
      break
    } catch (error) {
      if (tries === TRIES_MAX) throw error
      await sleep(100)
    }
  }
  ledger = await openLedger(`sqlite:${join(folder, 'ledger.db')}`, { compaction: { automatic: false } })
}

async function stop(): Promise<void> {
  await ledger.close()
  etcd.close()
  if (server === undefined) return
  const ended = once(server, 'exit')
  server.kill()
  await ended
}

async function etcdPair(lane: string): Promise<void> {
  const { succeeded } = await etcd.if(lane, 'Version', '==', 0).then(etcd.put(lane).value('bench')).commit()
  if (!succeeded) throw new Error(`${lane} is taken`)
  await etcd.delete().key(lane)
}

async function pair(lane: string): Promise<void> {
  const granted = await ledger.acquire({ lane, holder: 'bench' })
  if (granted.outcome !== 'granted') throw new Error(granted.outcome)
  await ledger.release({ lane, holder: 'bench', token: granted.lease.token })
}

const atOnce = (count: number, run: (lane: string) => Promise<void>) => (): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, lane) => run(`lane-${lane}`)))

const beside = (inFlight: number, times: number): Benchmark => ({
  title: `${inFlight} pairs of acquire and release in flight; a ratio of ${1 / times} is ${times} times as many as etcd`,
  budgetMs: 5_000,
  setup: start,
  teardown: stop,
  cases: [
    { name: 'etcd: put if absent, delete', run: atOnce(inFlight, etcdPair), unitsPerCall: inFlight },
    { name: 'holdfast: acquire, release', run: atOnce(inFlight, pair), unitsPerCall: inFlight },
  ],
})

const absent: Benchmark = {
  title: 'beside etcd: not measured (no `etcd` on the path, or HOLDFAST_BENCH_ETCD3 names no folder with the client)',
  cases: [],
}

export const benchmarks: readonly Benchmark[] =
  isThere && client !== undefined ? [beside(1, 2.5), beside(64, 10)] : [absent]
