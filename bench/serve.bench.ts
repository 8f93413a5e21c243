import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openLedger } from '@holdfast/engine'
import { serve } from '@holdfast/server'
import * as z from 'zod'
import type { Benchmark } from './benchmark.ts'

const PROCESSES = 32
/** Acquires and releases of one process in one sample: fewer at the file, which is slower. */
const ROUNDS = { file: 4, served: 40 } as const
const RATIO_MAX = 0.25

const Report = z.object({ errors: z.number(), waitsMs: z.array(z.number()), tookMs: z.number() })

/** 32 processes on one ledger. */
class Crowd {
  readonly #kind: keyof typeof ROUNDS
  readonly #children: ChildProcess[] = []
  readonly #lines: AsyncIterator<string>[] = []
  readonly #waitsMs: number[] = []
  readonly #shares: number[] = []
  #errors = 0

  constructor(kind: keyof typeof ROUNDS) {
    this.#kind = kind
  }

  async start(url: string): Promise<void> {
    for (let index = 0; index < PROCESSES; index += 1) {
      const args = [join(import.meta.dirname, 'serve-child.ts'), url, `lane-${index}`, this.#kind]
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      this.#children.push(child)
      this.#lines.push(createInterface(child.stdout)[Symbol.asyncIterator]())
    }
    await this.#all()
    // What is measured is compiled code.
    await this.run()
    this.#waitsMs.length = 0
    this.#shares.length = 0
  }

  async run(): Promise<void> {
    for (const { stdin } of this.#children) stdin?.write(`${ROUNDS[this.#kind]}\n`)
    const reports = (await this.#all()).map(line => Report.parse(JSON.parse(line)))
    for (const { errors, waitsMs } of reports) {
      this.#errors += errors
      this.#waitsMs.push(...waitsMs)
    }
    const tooks = reports.map(({ tookMs }) => tookMs)
    const rates = tooks.map(tookMs => 1 / tookMs)
    this.#shares.push(Math.min(...rates) / (rates.reduce((sum, rate) => sum + rate, 0) / rates.length))
  }

  stop(): void {
    const sorted = this.#waitsMs.toSorted((a, b) => a - b)
    const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1)
    const share = Math.min(...this.#shares).toFixed(2)
    console.log(
      `${this.#kind}: command p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms; slowest/mean ${share}; ${this.#errors} errors`,
    )
    for (const child of this.#children) child.kill('SIGKILL')
  }

  #all(): Promise<readonly string[]> {
    return Promise.all(this.#lines.map(async lines => String((await lines.next()).value)))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const [atFile, atServer] = [new Crowd('file'), new Crowd('served')]
let stop: () => Promise<void> = async () => {}

export const benchmark: Benchmark = {
  title: '32 processes that acquire and release in a closed loop: one command, at the file and through a server',
  budgetMs: 9000,
  setup: async () => {
    const [file, served] = ['file', 'served'].map(name => `sqlite:${join(folder, `${name}.db`)}`)
    for (const url of [file, served]) await (await openLedger(url, { server: false })).close()
    const { start, end } = serving(served ?? '')
    await start()
    stop = end
    await atFile.start(file ?? '')
    await atServer.start(served ?? '')
  },
  teardown: async () => {
    atFile.stop()
    atServer.stop()
    await stop()
    rmSync(folder, { recursive: true, force: true })
  },
  cases: [
    { name: 'at the file', run: () => atFile.run(), unitsPerCall: PROCESSES * ROUNDS.file * 2 },
    {
      name: 'through a server',
      run: () => atServer.run(),
      unitsPerCall: PROCESSES * ROUNDS.served * 2,
      ratioMax: RATIO_MAX,
    },
  ],
}

/** The server runs here: this process only waits meanwhile. */
function serving(store: string) {
  let server: Awaited<ReturnType<typeof serve>> | undefined
  return {
    start: async () => {
      server = await serve({ store })
    },
    end: async () => server?.stop(),
  }
}
