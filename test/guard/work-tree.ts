import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { COMMAND } from '../setup/command.ts'
import { commandLines } from '../which-ledger/command-lines.ts'
import { BEGUN, cleanEnvironment, gitIn, type RepositoryTemplate } from './repository-template.ts'

export interface Call {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A git repository of its own with a ledger in it, in a folder that goes away. */
export class WorkTree implements AsyncDisposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-guard-')))
  readonly #started = new Set<ChildProcess>()

  constructor({ git = true, as = BEGUN }: { readonly git?: boolean; readonly as?: RepositoryTemplate } = {}) {
    if (git) as.copyTo(this.root)
  }

  git(...args: readonly string[]): string {
    return gitIn(this.root, args)
  }

  path(...names: readonly string[]): string {
    return join(this.root, ...names)
  }

  write(path: string, text: string): void {
    const file = this.path(path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** Runs `holdfast` to its end. */
  holdfast(args: readonly string[], options: CallOptions = {}): Promise<Call> {
    return this.run(process.execPath, [COMMAND, ...args], options)
  }

  /** Runs `holdfast --json` and reads its answer. */
  async ask(args: readonly string[], options: CallOptions = {}): Promise<{ exitCode: number; answer: unknown }> {
    const { exitCode, stdout, stderr } = await this.holdfast([...args, '--json'], options)
    return { exitCode, answer: JSON.parse(stdout.trim() === '' ? stderr : stdout) }
  }

  /** Takes a lease and answers its token. */
  async lease(lane: string, holder: string, region: string, ...more: readonly string[]): Promise<number> {
    const { exitCode, answer } = await this.ask(acquiring(lane, holder, region, more))
    if (exitCode !== 0) throw new Error(`not leased: ${JSON.stringify(answer)}`)
    return tokenOf(answer)
  }

  /** Runs `holdfast --json` in a process that stays: where many only set the scene, most of what each takes is its start. */
  async prepare(...words: readonly string[]): Promise<unknown> {
    const typed = { folder: this.root, words: [...words, '--json'], environment: this.environment() }
    const { exitCode, stdout, stderr } = await commandLines.run(typed)
    if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }

  async prepareLease(lane: string, holder: string, region: string, ...more: readonly string[]): Promise<number> {
    return tokenOf(await this.prepare(...acquiring(lane, holder, region, more)))
  }

  run(command: string, args: readonly string[], options: CallOptions = {}): Promise<Call> {
    const { input, env, cwd = this.root } = options
    return new Promise(resolve => {
      const child = execFile(command, args, { cwd, env: this.environment(env) }, (error, stdout, stderr) => {
        this.#started.delete(child)
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ exitCode, stdout, stderr })
      })
      this.#started.add(child)
      child.stdin?.on('error', () => {})
      child.stdin?.end(input ?? '')
    })
  }

  /** Starts a process that goes on by itself. */
  start(command: string, args: readonly string[], options: CallOptions = {}): ChildProcess {
    const child = spawn(command, args, { cwd: this.root, env: this.environment(options.env), stdio: 'ignore' })
    this.#started.add(child)
    child.once('exit', () => this.#started.delete(child))
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) child.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
    return Promise.resolve()
  }

  environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return cleanEnvironment(more)
  }
}

function acquiring(lane: string, holder: string, region: string, more: readonly string[]): readonly string[] {
  return ['acquire', lane, '--holder', holder, '--region', region, '--ttl', '1h', ...more]
}

function tokenOf(answer: unknown): number {
  return (answer as { lease: { token: number } }).lease.token
}
