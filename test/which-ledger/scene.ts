import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { whichLedger, type WhichLedger } from '@holdfast/engine/which-ledger'
import { openStore } from '@holdfast/store'
import { afterAll, vi } from 'vitest'
import { commandLines } from './command-lines.ts'
import { COMMAND } from '../setup/command.ts'

/** A test calls several processes, and the machine may have others to serve. */
vi.setConfig({ testTimeout: 90_000 })

export interface Call {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** The JSON answer, wherever it stands; `undefined` where none was asked for. */
  readonly answer: unknown
}

let begun: string | null = null
afterAll(() => {
  if (begun !== null) rmSync(begun, { recursive: true, force: true })
})

/** A folder that goes away, in which repositories are made with the real git. */
export class Scene implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-which-')))

  path(...names: readonly string[]): string {
    return join(this.root, ...names)
  }

  folder(...names: readonly string[]): string {
    const folder = this.path(...names)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  write(path: string, text = ''): string {
    const file = this.path(path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  git(cwd: string, ...args: readonly string[]): string {
    return execFileSync('git', args, {
      cwd: this.path(cwd),
      encoding: 'utf8',
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** A repository with one commit. */
  repository(name: string): string {
    const top = this.folder(name)
    cpSync(this.#begun(), join(top, '.git'), { recursive: true })
    return top
  }

  /** The git directory of a repository with one commit. It is made once: each start of git costs more than a copy. */
  #begun(): string {
    if (begun !== null) return join(begun, '.git')
    begun = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-begun-')))
    const options = { cwd: begun, env: this.environment(), stdio: 'ignore' } as const
    execFileSync('git', ['init', '-q', '-b', 'main', '--template='], options)
    execFileSync('git', ['commit', '-q', '--allow-empty', '-m', 'begin'], options)
    return join(begun, '.git')
  }

  commit(name: string, file: string): void {
    this.write(join(name, file))
    this.git(name, 'add', file)
    this.git(name, 'commit', '-q', '-m', file)
  }

  submodule(of: string, source: string, path: string): string {
    this.git(of, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', this.path(source), path)
    this.git(of, 'commit', '-q', '-m', `add ${path}`)
    return this.path(of, path)
  }

  /** An empty store at a path. */
  async store(...names: readonly string[]): Promise<string> {
    const path = this.path(...names)
    await (await openStore(`sqlite:${path}`)).close()
    return path
  }

  which(folder: string, environment: NodeJS.ProcessEnv = {}): WhichLedger {
    return whichLedger({ folder: this.path(folder), environment })
  }

  /** A command in a process that stays for the next one; `started` where the process itself matters. */
  async holdfast(cwd: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Call> {
    const environment = { ...this.environment(), ...env }
    const told = await commandLines.run({ folder: this.path(cwd), words, environment })
    return { ...told, answer: jsonIn(told.stdout) ?? jsonIn(told.stderr) }
  }

  /** A command in a process of its own, where that matters: what `guard install` enters is the program that runs. */
  started(cwd: string, args: readonly string[]): Promise<Call> {
    return this.run(process.execPath, [COMMAND, ...args], { cwd })
  }

  /** `acquire`, answered in JSON. */
  acquire(cwd: string, lane: string, holder: string, ...more: readonly string[]): Promise<Call> {
    return this.holdfast(cwd, ['acquire', lane, '--holder', holder, '--ttl', '1h', '--json', ...more])
  }

  run(
    command: string,
    args: readonly string[],
    { cwd, env = {}, uid }: { cwd: string; env?: Readonly<Record<string, string>>; uid?: number },
  ): Promise<Call> {
    const options = {
      cwd: this.path(cwd),
      env: { ...this.environment(), ...env },
      ...(uid === undefined ? {} : { uid, gid: uid }),
    }
    return new Promise(resolve => {
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ exitCode, stdout, stderr, answer: jsonIn(stdout) ?? jsonIn(stderr) })
      })
      child.stdin?.on('error', () => {})
      child.stdin?.end()
    })
  }

  /** Nothing of the surroundings leaks in. */
  environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST|GIT)_/.test(name))
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
    return { ...Object.fromEntries(own), ...who, GIT_CONFIG_GLOBAL: '/dev/null', NO_COLOR: '1' }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}

function jsonIn(text: string): unknown {
  const line = text.split('\n').findLast(each => each.startsWith('{'))
  return line === undefined ? undefined : JSON.parse(line)
}
