import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'
import { COMMAND } from '../setup/command.ts'

export interface Told {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Told>
  /** Settles when standard output has so many lines. */
  readonly lines: (count: number) => Promise<readonly string[]>
}

export interface CallOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Default: the folder of its own. */
  readonly cwd?: string
}

/** A test calls several processes one after the other, and the machine may have others to serve. */
vi.setConfig({ testTimeout: 90_000 })

const folders: string[] = []
afterAll(() => Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true }))))

/** The real command line in a folder of its own, without what the surroundings would tell it. */
export class Holdfast {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  readonly #command: string

  constructor(command = COMMAND) {
    this.#command = command
    folders.push(this.folder)
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names)
  }

  call(args: readonly string[], options: CallOptions = {}): Promise<Told> {
    const { child, ended } = this.start(args, options)
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    return ended
  }

  /** The JSON answer, wherever it stands. */
  async ask(...args: readonly string[]): Promise<{ readonly exitCode: number | null; readonly answer: unknown }> {
    const { exitCode, stdout, stderr } = await this.call([...args, '--json'])
    const text = stdout.trim() === '' ? stderr : stdout
    const answer: unknown = JSON.parse(text)
    return { exitCode, answer }
  }

  /** A line of bash, in which `holdfast` is the command. */
  bash(line: string, { env = {} }: CallOptions = {}): Promise<Told> {
    const script = `holdfast() { "$HOLDFAST_COMMAND" "$@"; }; ${line}`
    return running(spawn('bash', ['-c', script], this.#options({ env: { ...env, HOLDFAST_COMMAND: this.#command } })))
      .ended
  }

  start(args: readonly string[], options: CallOptions = {}): Running {
    return running(spawn(this.#command, args, this.#options(options)))
  }

  #options({ env = {}, cwd = this.folder }: CallOptions): { cwd: string; env: NodeJS.ProcessEnv } {
    return { cwd, env: { ...surroundings(), ...env } }
  }
}

function running(child: ChildProcessWithoutNullStreams): Running {
  let stdout = ''
  let stderr = ''
  let look = (): void => {}
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString()
    look()
  })
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()))
  const ended = new Promise<Told>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }))
  })
  const lines = (count: number): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      look = () => {
        const complete = stdout.split('\n').slice(0, -1)
        if (complete.length >= count) resolve(complete)
      }
      look()
      // A promise that is settled stays as it is.
      void ended.then(() => reject(new Error(`it ended before it wrote ${count} lines: ${stdout}${stderr}`)))
    })
  return { child, ended, lines }
}

function surroundings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HOLDFAST_|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
  )
  return Object.fromEntries(kept)
}

/** A field of an answer whose shape another test looks at. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((part, name) => {
    return typeof part === 'object' && part !== null ? Reflect.get(part, name) : undefined
  }, value)
}
