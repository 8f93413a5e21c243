import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { ExitStatus, ProcessIdentity } from '@holdfast/core'
import { identify } from '../process/identity.ts'
import { descendantsOf } from '../process/descendants.ts'

/**
 * Waits for a line on descriptor 3 and only then becomes the command, under the same pid. The end of the pipe without a
 * line means that the runner is gone: the command never begins.
 */
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; exec "$@"'

export interface GatedChildOptions {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string | undefined
  /**
   * Whether the child gets a process group of its own, so that it is signalled with all that it starts. On a terminal
   * it stays in the session instead, or it could not read from it.
   */
  readonly ownGroup: boolean
}

/** A child that exists, with a pid to record, but does nothing until it is let go. */
export class GatedChild {
  readonly identity: ProcessIdentity
  /** Settles when the child has ended, with how. */
  readonly exited: Promise<ExitStatus>
  readonly #child: ChildProcess
  readonly #gate: Writable
  readonly #ownGroup: boolean
  #running = true

  private constructor(child: ChildProcess, gate: Writable, identity: ProcessIdentity, ownGroup: boolean) {
    this.identity = identity
    this.#child = child
    this.#gate = gate
    this.#ownGroup = ownGroup
    this.exited = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        this.#running = false
        resolve({ code, signal })
      })
    })
    // A child that ends before it is let go closes the pipe; its exit says so.
    gate.on('error', () => {})
  }

  /** Starts the child behind its gate. Rejects when the platform refuses to start one. */
  static async start(options: GatedChildOptions): Promise<GatedChild> {
    const child = spawn('/bin/sh', ['-c', GATE, 'holdfast-run', ...options.command], {
      env: options.env,
      cwd: options.cwd,
      detached: options.ownGroup,
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    const gate = child.stdio[3]
    const identity = child.pid === undefined ? null : identify(child.pid)
    if (gate === null || gate === undefined || !('write' in gate) || identity === null) {
      child.kill('SIGKILL')
      throw new Error('the child ended before it could be recorded')
    }
    return new GatedChild(child, gate, identity, options.ownGroup)
  }

  /** Opens the gate: the command begins. */
  letGo(): void {
    this.#gate.end('go\n')
  }

  /** Closes the gate: the command never begins. */
  drop(): void {
    this.#gate.end()
  }

  /** Signals the child and what it has started; false when it has ended already. */
  signal(signal: NodeJS.Signals): boolean {
    const { pid } = this.#child
    if (pid === undefined || !this.#running) return false
    const targets = this.#ownGroup ? [-pid] : [pid, ...descendantsOf(pid)]
    return targets.map(target => sendSignal(target, signal)).some(Boolean)
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    // It ended in between.
    return false
  }
}
