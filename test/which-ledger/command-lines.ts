import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { childScript } from '../setup/child-scripts.ts'

const SCRIPT = childScript(join(import.meta.dirname, 'command-session.ts'))

export interface Typed {
  readonly folder: string
  readonly words: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

export interface Told {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * The commands in one process that stays: most of what a command costs is the start of its process, which few tests are
 * about. Each line is run in its own folder and surroundings, one after the other, with nothing on standard input.
 */
class CommandLines {
  #child: ChildProcess | null = null
  #last: Promise<unknown> = Promise.resolve()

  run(typed: Typed): Promise<Told> {
    const told = this.#last.then(() => this.#send(typed))
    this.#last = told.catch(() => undefined)
    return told
  }

  async end(): Promise<void> {
    if (this.#child === null || this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  #send(typed: Typed): Promise<Told> {
    this.#child ??= fork(SCRIPT, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const child = this.#child
    const told = { stdout: '', stderr: '' }
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const [out, err] = [END.exec(told.stdout), END.exec(told.stderr)]
        if (out === null || err === null) return
        stop()
        const stdout = told.stdout.slice(0, out.index)
        resolve({ exitCode: Number(out[1]), stdout, stderr: told.stderr.slice(0, err.index) })
      }
      const hears = (name: 'stdout' | 'stderr') => (piece: Buffer) => {
        told[name] += piece.toString()
        look()
      }
      const [onOut, onErr] = [hears('stdout'), hears('stderr')]
      const onExit = (): void => reject(new Error(`it ended before it answered: ${told.stdout}${told.stderr}`))
      const stop = (): void => {
        child.stdout?.off('data', onOut)
        child.stderr?.off('data', onErr)
        child.off('exit', onExit)
      }
      child.stdout?.on('data', onOut)
      child.stderr?.on('data', onErr)
      child.once('exit', onExit)
      child.send(typed)
    })
  }
}

const END = /#exit (\d+)\n$/

export const commandLines = new CommandLines()
afterAll(() => commandLines.end())
