import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What somebody else's commits took while something was done. */
export interface BesideAnother {
  /** Milliseconds that it took. */
  readonly doneMs: number
  /** Milliseconds of the other process's slowest commit. */
  readonly waitMs: number
  /** Commits of the other process meanwhile. */
  readonly commits: number
}

/** Does something to a store while another process commits to it. */
export async function besideAnother(url: string, work: () => Promise<unknown>): Promise<BesideAnother> {
  const script = new URL('first-cut-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  await lines.next()
  const startedMs = performance.now()
  await work()
  const doneMs = performance.now() - startedMs
  child.stdin.end()
  const [waitMs = Number.NaN, commits = 0] = String((await lines.next()).value)
    .split(' ')
    .map(Number)
  await once(child, 'exit')
  return { doneMs, waitMs, commits }
}
