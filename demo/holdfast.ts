import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The root of this repository, whose packages and documents the workers contend for. */
export const REPOSITORY = join(import.meta.dirname, '..')

const COMMAND = join(REPOSITORY, 'packages', 'cli', 'bin', 'holdfast.js')
const WORKER = join(REPOSITORY, 'demo', 'worker.mjs')

/** How long a process may take to end before it is killed. */
const STOP_GRACE_MS = 3000

/** How a call of the command line ended. */
export interface Call {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A call that is still under way. */
export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Call>
}

/** Calls the real command line on one store, each call a process of its own. */
export class Holdfast {
  readonly #store: string
  readonly #started = new Set<ChildProcess>()
  readonly #orphans = new Set<number>()
  readonly #say: (line: string) => void

  constructor(store: string, say: (line: string) => void) {
    this.#store = store
    this.#say = say
  }

  /** Runs a command to its end. */
  call(...args: readonly string[]): Promise<Call> {
    return this.start(...args).ended
  }

  /** Runs a question and reads its JSON answer. */
  async ask(...args: readonly string[]): Promise<{ readonly exitCode: number | null; readonly answer: unknown }> {
    const { exitCode, stdout, stderr } = await this.call(...args, '--json')
    const text = stdout.trim() === '' ? stderr : stdout
    return { exitCode, answer: text.trim() === '' ? null : JSON.parse(text) }
  }

  /** `holdfast run` with one of the demonstration's workers. */
  run(lane: string, options: readonly string[], ...task: readonly string[]): Started {
    return this.start('run', lane, ...options, '--', process.execPath, WORKER, ...task)
  }

  start(...args: readonly string[]): Started {
    const [command = '', ...rest] = args
    const child = spawn(process.execPath, [COMMAND, command, '--store', this.#store, ...rest], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return this.track(child)
  }

  /** Collects the output of a process, and remembers it for the clean-up. */
  track(child: ChildProcess): Started {
    this.#started.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (child.spawnargs.includes('run')) this.#echo(chunk.toString())
    })
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = new Promise<Call>(resolve => {
      // Not `close`: an orphan keeps the pipes open after its runner has died.
      child.once('exit', (exitCode, signal) => {
        this.#started.delete(child)
        resolve({ exitCode, signal, stdout, stderr })
      })
    })
    return { child, ended }
  }

  /** Remembers a process that goes on when the one that started it is killed. */
  willOutlive(pid: number): void {
    this.#orphans.add(pid)
  }

  /** Ends such a process. */
  endOrphan(pid: number): void {
    if (this.#orphans.delete(pid)) endQuietly(pid)
  }

  /** Ends what this object has started and is still running; runners take their children with them. */
  async stopAll(): Promise<void> {
    for (const pid of this.#orphans) this.endOrphan(pid)
    for (const child of this.#started) child.kill('SIGTERM')
    const left = [...this.#started].map(child => new Promise(resolve => child.once('exit', resolve)))
    await Promise.race([Promise.all(left), sleep(STOP_GRACE_MS, undefined, { ref: false })])
    for (const child of this.#started) child.kill('SIGKILL')
  }

  #echo(text: string): void {
    for (const line of text.split('\n')) if (line.trim() !== '') this.#say(`    | ${line}`)
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
