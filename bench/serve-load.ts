// npm run serve-load -- idle [--seconds S]: what a server takes of a core for 2,000 leases that are held.
// npm run serve-load -- memory [--seconds S] [--pause MS]: what it takes of memory while 8 processes acquire and release.
// `--pause`: how long each of them rests after 20 commands, for a load that lasts beside other work.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as z from 'zod'

const HOLDERS = 4
const LEASES_EACH = 500
const BEAT_EVERY_S = 30
const WORKERS = 8
const ROUNDS = 500
/** Rounds between two rests. */
const ROUNDS_PACED = 10
const LOOKS = 10
const MIB = 1024 * 1024

const Used = z.object({
  cpuMs: z.number(),
  rss: z.number(),
  heapUsed: z.number(),
  heapTotal: z.number(),
  external: z.number(),
  files: z.number(),
})

class Child {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(script: string, args: readonly string[], flags: readonly string[] = []) {
    const started = spawn(process.execPath, [...flags, join(import.meta.dirname, script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process = started
    this.#lines = createInterface(started.stdout)[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const next = await this.#lines.next()
    if (next.done === true) throw new Error('a process ended')
    return next.value
  }

  async ask(text: string): Promise<string> {
    this.#process.stdin?.write(`${text}\n`)
    return this.line()
  }

  end(): void {
    this.#process.kill('SIGKILL')
  }
}

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string' }, pause: { type: 'string' } },
  allowPositionals: true,
})
const seconds = Number(values.seconds ?? 60)
const pauseMs = Number(values.pause ?? 0)
const rounds = pauseMs > 0 ? ROUNDS_PACED : ROUNDS
const folder = mkdtempSync(join(tmpdir(), 'holdfast-serve-load-'))
const url = `sqlite:${join(folder, 'l.db')}`
const server = new Child('serve-process.ts', [url], ['--expose-gc'])
const clients: Child[] = []
try {
  await server.line()
  if (positionals[0] === 'memory') await memory()
  else await idle()
} finally {
  for (const child of [...clients, server]) child.end()
  rmSync(folder, { recursive: true, force: true })
}

async function used(): Promise<z.infer<typeof Used>> {
  return Used.parse(JSON.parse(await server.ask('')))
}

async function idle(): Promise<void> {
  for (let holder = 0; holder < HOLDERS; holder += 1) {
    clients.push(new Child('serve-holder.ts', [url, `holder-${holder}`, String(LEASES_EACH)]))
  }
  await Promise.all(clients.map(client => client.line()))
  // Each lease has beaten once.
  await pause(BEAT_EVERY_S * 1000)
  const before = await used()
  await pause(seconds * 1000)
  const after = await used()
  const share = (after.cpuMs - before.cpuMs) / (seconds * 10)
  console.log(`${HOLDERS * LEASES_EACH} leases that beat every ${BEAT_EVERY_S} s: ${share.toFixed(2)} % of one core`)
}

async function memory(): Promise<void> {
  for (let worker = 0; worker < WORKERS; worker += 1) {
    clients.push(new Child('serve-child.ts', [url, `lane-${worker}`, 'served']))
  }
  await Promise.all(clients.map(client => client.line()))
  let commands = 0
  const load = clients.map(async client => {
    for (;;) {
      await client.ask(String(rounds))
      commands += 2 * rounds
      if (pauseMs > 0) await pause(pauseMs)
    }
  })
  for (const one of load) one.catch(() => {})
  for (let look = 0; look < LOOKS; look += 1) {
    await pause((seconds * 1000) / LOOKS)
    const { rss, heapUsed, heapTotal, external, files } = await used()
    const mib = (bytes: number): string => (bytes / MIB).toFixed(1)
    const after = Math.round((seconds * (look + 1)) / LOOKS)
    console.log(
      `${after} s: ${commands} commands, heap ${mib(heapUsed)} of ${mib(heapTotal)} MiB, external ${mib(external)} MiB, ` +
        `rss ${mib(rss)} MiB, ${files} open files`,
    )
  }
}
