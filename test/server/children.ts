import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'

const Line = z.looseObject({})

/** A process of a test, and what it says. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess
  readonly lines: string[] = []
  readonly ended: Promise<unknown>

  constructor(
    script: string,
    args: readonly string[],
    options: { readonly uid?: number; readonly env?: NodeJS.ProcessEnv } = {},
  ) {
    const env = { ...process.env, ...options.env }
    this.process = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...options,
      env,
    })
    this.ended = once(this.process, 'exit')
    if (this.process.stdout === null) throw new Error('a child has an output')
    createInterface(this.process.stdout).on('line', line => this.lines.push(line))
  }

  /** Waits for a line that has this text. */
  async says(text: string, withinMs = 20_000): Promise<void> {
    const endMs = performance.now() + withinMs
    while (!this.lines.some(line => line.includes(text))) {
      if (performance.now() > endMs) throw new Error(`never said ${text}: ${this.lines.join('\n')}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  /** Its last line. */
  get last(): z.infer<typeof Line> {
    return Line.parse(JSON.parse(this.lines.at(-1) ?? '{}'))
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGCONT')
      this.process.kill('SIGKILL')
      await this.ended
    }
  }
}

/** Starts a server on a store and waits until it listens. */
export async function serverChild(url: string): Promise<Child> {
  const child = new Child('server-child.ts', [url])
  await child.says('.sock')
  return child
}
