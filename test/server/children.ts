import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { childScript } from '../setup/child-scripts.ts'
import { COMMAND } from '../setup/command.ts'

const Line = z.looseObject({})

interface ChildOptions {
  readonly uid?: number
  readonly env?: NodeJS.ProcessEnv
  /** What is named is a program, not a script of this folder. */
  readonly program?: boolean
}

/** A process of a test, and what it says. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess
  readonly lines: string[] = []
  readonly ended: Promise<unknown>

  constructor(script: string, args: readonly string[], { program = false, ...options }: ChildOptions = {}) {
    const env = { ...process.env, ...options.env }
    const [file, rest] = program
      ? [script, args]
      : [process.execPath, [childScript(resolve(import.meta.dirname, script)), ...args]]
    this.process = spawn(file, rest, {
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
      await new Promise(wake => setTimeout(wake, 10))
    }
  }

  /** Its last line. */
  get last(): z.infer<typeof Line> {
    return Line.parse(JSON.parse(this.lines.at(-1) ?? '{}'))
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** Tells it to end, and waits until it has. */
  async finish(): Promise<void> {
    this.process.stdin?.end()
    await this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGCONT')
      this.process.kill('SIGKILL')
      await this.ended
    }
  }
}

/** Starts `holdfast serve` on a store and waits until it listens. */
export async function serverChild(url: string): Promise<Child> {
  const child = new Child(COMMAND, ['serve', '--store', url])
  // Under many clients that take the processor, starting takes its time.
  await child.says('.sock', 60_000)
  return child
}
