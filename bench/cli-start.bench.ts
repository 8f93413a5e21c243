import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleCommandLine } from '../scripts/build.ts'
import type { Benchmark } from './benchmark.ts'

const LEASES = 5
const command = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'holdfast.js')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))

const node = (...args: readonly string[]) => execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' })
const holdfast = (start: string, ...args: readonly string[]) =>
  node(start, '--store', 'sqlite:ledger.db', '--create', ...args)
let published = ''
let token = ''
let asked = 0
let server: ChildProcess | undefined
const served = join(folder, 'served.db')
const throughServer = (...args: readonly string[]) => node(published, '--store', `sqlite:${served}`, ...args)
const acquire = (lane: string) => holdfast(published, 'acquire', lane, '--holder', 'bench')
const next = (): string => `asked-${(asked += 1)}`

export const benchmark: Benchmark = {
  title: 'start of the command line on a small ledger',
  budgetMs: 6_000,
  setup: async () => {
    published = await bundleCommandLine(join(folder, 'published'))
    for (let lease = 0; lease < LEASES; lease += 1) acquire(`lane-${lease}`)
    server = spawn(process.execPath, [
      published,
      '--store',
      `sqlite:${served}`,
      '--create',
      'acquire',
      'x',
      '--holder',
      'bench',
    ])
    await once(server, 'exit')
    server = spawn(process.execPath, [published, '--store', `sqlite:${served}`, 'serve'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    // Its first line says that it listens.
    if (server.stderr !== null) await once(server.stderr, 'data')
    token = /token +(\d+)/.exec(acquire('beaten').toString())?.[1] ?? ''
  },
  teardown: () => {
    server?.kill()
    rmSync(folder, { recursive: true, force: true })
  },
  cases: [
    { name: 'node -e 0', run: () => node('-e', '0') },
    { name: 'holdfast leases, as published', run: () => holdfast(published, 'leases'), ratioMax: 2.5 },
    { name: 'holdfast acquire, as published', run: () => acquire(next()), ratioMax: 2.5 },
    {
      name: 'holdfast heartbeat, as published',
      run: () => holdfast(published, 'heartbeat', 'beaten', '--holder', 'bench', '--token', token),
      ratioMax: 2.5,
    },
    {
      name: 'holdfast acquire through a server, as published',
      run: () => throughServer('acquire', next(), '--holder', 'bench'),
      ratioMax: 2.5,
    },
    { name: 'holdfast guard check beside a server, as published', run: () => throughServer('guard', 'check', 'a.ts') },
    { name: 'holdfast leases, from source', run: () => holdfast(command, 'leases') },
  ],
}
