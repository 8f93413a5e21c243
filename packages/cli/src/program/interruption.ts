import { EXIT } from '../failure/exit-code.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const
type Ending = keyof typeof SIGNALS

const STDIN = 0

/** Signals that a child gets to know of besides. Without a listener each would end this program, and not the child. */
const ALSO_FORWARDED = ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** Typed at a terminal they reach the child by themselves. */
const TYPED: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT'])

/**
 * What Ctrl-C and SIGTERM do. At first they end the program at once: SQLite's transactions are never half done between
 * two turns of the event loop. A command that has something to give up asks for the signal instead, and then a second
 * one ends it at once.
 */
export class Interruption {
  readonly #aborting = new AbortController()
  #patient = false
  #exitCode: number | null = null
  #received: NodeJS.Signals | null = null
  #forward: ((signal: NodeJS.Signals) => void) | null = null

  constructor() {
    for (const name of Object.keys(SIGNALS)) process.on(name, this.#receive)
  }

  /** The exit code that the interruption asks for; `null` when there was none. */
  get exitCode(): number | null {
    return this.#exitCode
  }

  /** From now on the first signal aborts this instead of ending the program. */
  signal(): AbortSignal {
    this.#patient = true
    return this.#aborting.signal
  }

  /** What was asked to end has ended in order: for a service manager's SIGTERM that is no failure. */
  settled(): void {
    if (this.#exitCode === EXIT.terminated) this.#exitCode = EXIT.done
  }

  /**
   * Hands all signals on, as `run` does to its child, with one that came before. What is typed at a terminal is left
   * out: it reaches the child by itself, and twice means something else to many programs. Away from a terminal the
   * child is in a session of its own, so it is stopped and continued with this program. Returns what ends it.
   */
  forwardTo(forward: (signal: NodeJS.Signals) => void): () => void {
    // Loaded here: it brings sockets along, which a command that writes one thing has no use for.
    const atTerminal = process.getBuiltinModule('node:tty').isatty(STDIN)
    this.#forward = signal => {
      if (!atTerminal || !TYPED.has(signal)) forward(signal)
    }
    const stop = (): void => {
      // A group whose leader's parent is elsewhere ignores SIGTSTP.
      forward('SIGSTOP')
      process.kill(process.pid, 'SIGSTOP')
    }
    const goOn = (): void => forward('SIGCONT')
    for (const name of ALSO_FORWARDED) process.on(name, this.#receive)
    if (!atTerminal) process.on('SIGTSTP', stop).on('SIGCONT', goOn)
    if (this.#received !== null) forward(this.#received)
    return () => {
      this.#forward = null
      for (const name of ALSO_FORWARDED) process.off(name, this.#receive)
      process.off('SIGTSTP', stop).off('SIGCONT', goOn)
    }
  }

  readonly #receive = (name: NodeJS.Signals): void => {
    if (this.#forward !== null) {
      this.#forward(name)
      return
    }
    const exitCode = isEnding(name) ? SIGNALS[name] : EXIT.interrupted
    if (!this.#patient || this.#exitCode !== null) process.exit(exitCode)
    this.#exitCode = exitCode
    this.#received = name
    this.#aborting.abort()
  }
}

function isEnding(name: string): name is Ending {
  return name in SIGNALS
}
