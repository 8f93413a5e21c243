// How long after a commit in one process the followers in this one hear of it:
//   node bench/contention/change-notice.ts [commits] [followers]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openSqliteStore } from '../../packages/store/src/sqlite.ts'

const commits = Number(process.argv[2] ?? 2000)
const followers = Number(process.argv[3] ?? 8)

const SETTLE_MS = 500
const IDLE_MS = 3000

const folder = mkdtempSync(join(tmpdir(), 'holdfast-notice-'))
const path = join(folder, 'ledger.db')
const stores = await Promise.all(Array.from({ length: followers }, () => openSqliteStore({ path })))
const child = spawn(process.execPath, [join(import.meta.dirname, 'change-notice-child.ts'), path, String(commits)], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const ends = new AbortController()
const heard: number[][] = stores.map(() => [])
const following = stores.map(async (store, index) => {
  let seen = 0
  for await (const item of store.subscribe('default', 'none', { signal: ends.signal })) {
    if (item.kind !== 'entries') continue
    for (const { revision } of item.entries) heard[index]?.splice(revision, 1, monotonicMs())
    seen += item.entries.length
    if (seen === commits) return
  }
})
const committedMs: number[] = []
child.stdin.write('go\n')
for await (const line of createInterface(child.stdout)) committedMs.push(Number(line))
await Promise.all(following)
const waiting = stores.map(async store => {
  for await (const item of store.subscribe('default', await store.head('default'), { signal: ends.signal })) void item
})
await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
const idleBefore = process.cpuUsage()
await new Promise(resolve => setTimeout(resolve, IDLE_MS))
const idle = process.cpuUsage(idleBefore)
ends.abort()
await Promise.all(waiting)
for (const store of stores) await store.close()
rmSync(folder, { recursive: true })

const delaysMs = heard
  .flatMap(times => times.map((atMs, revision) => atMs - (committedMs[revision] ?? Infinity)))
  .toSorted((a, b) => a - b)
const at = (share: number): string => (delaysMs[Math.floor((delaysMs.length - 1) * share)] ?? NaN).toFixed(2)
console.log(
  `${delaysMs.length} notices of ${commits} commits to ${followers} followers: ` +
    `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms; ` +
    `${followers} idle followers use ${((100 * (idle.user + idle.system)) / 1000 / IDLE_MS).toFixed(2)} % of a core`,
)
if (Number(at(0.99)) > 50) process.exitCode = 1

/** The kernel's monotonic clock, which both processes share. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
