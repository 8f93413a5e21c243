import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import type { ExitStatus, ProcessIdentity } from '@holdfast/core'
import { pause, type Timers } from '../clock/timers.ts'
import { identify } from '../process/identity.ts'
import { ProcessTree } from '../process/process-tree.ts'

/**
 * Waits for a line on descriptor 3 and only then becomes the command, under the same pid. The end of the pipe without a
 * line means that the runner is gone: the command never begins.
 */
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; exec "$@"'

/** Signals without a common meaning: most programs die of them. */
const FOR_THE_CHILD_ALONE: ReadonlySet<NodeJS.Signals> = new Set(['SIGUSR1', 'SIGUSR2'])

/** Time between two looks at what a child has started. */
const LOOK_MS = 50

/** How long SIGKILL may take; what it does not end by then waits for a device, and no signal ends it. */
const KILLED_WITHIN_MS = 2000

export interface GatedChildOptions {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string | undefined
  /**
   * Whether the child gets a process group of its own, so that it is signalled with all that it starts. On a terminal
   * it stays in the session instead, or it could not read from it.
   */
  readonly ownGroup: boolean
  /**
   * Whether the process that is started only watches over the command, in a namespace that ends with it: it is spared by
   * every signal but SIGKILL, so that the command can end by itself, and tell its code.
   */
  readonly isSupervised?: boolean
}

/** A child that exists, with a pid to record, but does nothing until it is let go. */
export class GatedChild {
  readonly identity: ProcessIdentity
  /** Settles when the child has ended, with how. */
  readonly exited: Promise<ExitStatus>
  readonly #gate: Writable
  readonly #ownGroup: boolean
  readonly #isSupervised: boolean
  readonly #tree: ProcessTree
  #running = true

  private constructor(
    child: ChildProcess,
    gate: Writable,
    identity: ProcessIdentity,
    { ownGroup, isSupervised = false }: GatedChildOptions,
  ) {
    this.identity = identity
    this.#gate = gate
    this.#ownGroup = ownGroup
    this.#isSupervised = isSupervised
    this.#tree = new ProcessTree(identity, { leadsSession: ownGroup })
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
    // Loaded here: the commands that write one thing hold this, and start nothing.
    const { spawn } = process.getBuiltinModule('node:child_process')
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
    return new GatedChild(child, gate, identity, options)
  }

  /** Opens the gate: the command begins. */
  letGo(): void {
    this.#gate.end('go\n')
  }

  /** Closes the gate: the command never begins. */
  drop(): void {
    this.#gate.end()
  }

  /**
   * Hands a signal on, as a terminal would: to the group that the child leads, or to the child and its descendants
   * where it leads none. What means something to the child alone goes to it alone. Nothing once the child has ended.
   */
  signal(signal: NodeJS.Signals): void {
    if (!this.#running) return
    const { pid } = this.identity
    if (FOR_THE_CHILD_ALONE.has(signal)) sendSignal(this.#commandPid(), signal)
    else if (this.#isSupervised) this.#signalInside(signal)
    else if (this.#ownGroup) sendSignal(-pid, signal)
    else this.#signalAll(signal)
  }

  /**
   * Ends the child and all that it has started: SIGTERM at once, and SIGKILL for what is left when the grace is over.
   * Settles when nothing is left, or when even SIGKILL has had its time.
   */
  async stop(timers: Timers, graceMs: number): Promise<void> {
    this.#signalAll('SIGTERM')
    // What was stopped (Ctrl-Z) hears of it only when it goes on.
    this.#signalAll('SIGCONT')
    const told = new Set<number>()
    // In a namespace nothing gets away, but what has begun between two looks has not heard of it.
    const tellOthers = (): void => (this.#isSupervised ? this.#signalInside('SIGTERM', told) : undefined)
    if (await this.#endsWithin(timers, graceMs, tellOthers)) return
    this.#signalAll('SIGKILL')
    await this.#endsWithin(timers, KILLED_WITHIN_MS, () => this.#signalAll('SIGKILL'))
  }

  /** The kernel tells nobody but its parent of a process's end, so the others have to be looked at. */
  async #endsWithin(timers: Timers, spanMs: number, meanwhile: () => void = () => {}): Promise<boolean> {
    for (let leftMs = spanMs; this.#isAnyLeft(); leftMs -= LOOK_MS) {
      if (leftMs <= 0) return false
      const ended = new AbortController()
      if (this.#running) void this.exited.then(() => ended.abort())
      await pause(timers, Math.min(leftMs, LOOK_MS), ended.signal)
      meanwhile()
    }
    return true
  }

  #isAnyLeft(): boolean {
    return this.#running || this.#tree.living().length > 0
  }

  /** Everything but the process that watches. `told`: who has heard of it, and who hears of it now. */
  #signalInside(signal: NodeJS.Signals, told: Set<number> = new Set()): void {
    for (const { pid } of this.#tree.living()) {
      if (pid === this.identity.pid || told.has(pid)) continue
      told.add(pid)
      sendSignal(pid, signal)
    }
  }

  /** The command is started by the first process of the namespace, which the process that watches has started. */
  #commandPid(): number {
    const { pid } = this.identity
    if (!this.#isSupervised) return pid
    const members = this.#tree.living()
    const first = members.find(({ parent }) => parent === pid)
    return members.find(({ parent }) => parent === first?.pid)?.pid ?? pid
  }

  #signalAll(signal: NodeJS.Signals): void {
    if (this.#isSupervised && signal !== 'SIGKILL') {
      this.#signalInside(signal)
      return
    }
    const { pid } = this.identity
    const members = this.#tree.living()
    const inGroup = this.#ownGroup ? members.filter(({ group }) => group === pid) : []
    // A group is reached whole: nobody slips through by forking meanwhile.
    if (this.#ownGroup && (this.#running || inGroup.length > 0)) sendSignal(-pid, signal)
    else if (this.#running) sendSignal(pid, signal)
    for (const member of members) {
      if (member.pid !== pid && !inGroup.includes(member)) sendSignal(member.pid, signal)
    }
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in between.
  }
}
