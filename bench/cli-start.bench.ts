import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark } from './benchmark.ts'

const LEASES = 5
const command = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'holdfast.js')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))

const node = (...args: readonly string[]) => execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' })
const holdfast = (...args: readonly string[]) => node(command, '--store', 'sqlite:ledger.db', ...args)

export const benchmark: Benchmark = {
  title: 'start of the command line on a small ledger',
  budgetMs: 6_000,
  setup: () => {
    for (let lease = 0; lease < LEASES; lease += 1) holdfast('acquire', `lane-${lease}`, '--holder', 'bench')
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    { name: 'node -e 0', run: () => node('-e', '0') },
    { name: 'holdfast leases', run: () => holdfast('leases'), ratioMax: 2.5 },
  ],
}
