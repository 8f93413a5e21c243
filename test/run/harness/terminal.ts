import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'

/** Programs that put a command on a pseudo terminal and hand their own standard input to it; one of them will be there. */
const BACKENDS: readonly { readonly works: readonly string[]; readonly argv: (words: string) => readonly string[] }[] =
  [
    {
      works: ['script', '-qefc', 'test -t 0', '/dev/null'],
      argv: words => ['script', '-qefc', words, '/dev/null'],
    },
    {
      works: ['python3', '-c', 'import pty, os; os.waitstatus_to_exitcode'],
      argv: words => [
        'python3',
        '-c',
        'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) & 255)',
        'sh',
        '-c',
        words,
      ],
    },
  ]

const backend = BACKENDS.find(({ works: [command = '', ...args] }) => spawnSync(command, args).status === 0)

/** Whether there is anything here that makes a terminal. */
export const hasTerminal = backend !== undefined

/** Words of a shell on a terminal of their own: what is typed there goes through its line discipline, as from keys. */
export class Terminal {
  readonly ended: Promise<number | null>
  readonly #child: ChildProcessWithoutNullStreams
  #shown = ''
  #look: () => void = () => {}

  constructor(words: string, { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    if (backend === undefined) throw new Error('nothing here makes a terminal')
    const [command = '', ...args] = backend.argv(words)
    // The same shell everywhere: shells differ in what they do about a signal that their child has handled.
    this.#child = spawn(command, args, { cwd, env: { ...env, SHELL: '/bin/sh' } })
    const take = (chunk: Buffer): void => {
      this.#shown += chunk.toString()
      this.#look()
    }
    this.#child.stdout.on('data', take)
    this.#child.stderr.on('data', take)
    this.ended = new Promise(resolve => {
      this.#child.once('close', code => resolve(code))
    })
  }

  /** All that the terminal showed so far, echoes of what was typed included. */
  get shown(): string {
    return this.#shown
  }

  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Waits until the terminal has shown a text. */
  async shows(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#look = () => {
        if (this.#shown.includes(text)) resolve()
      }
      this.#look()
      void this.ended.then(() => reject(new Error(`it ended without ${JSON.stringify(text)}: ${this.#shown}`)))
    })
  }
}

export const KEYS = { interrupt: '\u0003', quit: '\u001C', suspend: '\u001A', endOfInput: '\u0004' } as const
