import { spawn } from 'node:child_process'

/** How long a program may take that a setup tries. */
const SPAN_MS = 20_000

/** What is kept of its answer. */
const OUTPUT_LENGTH_MAX = 256 * 1024

export interface Ran {
  /** `null`: it did not end in time, and was ended. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end with an input, for a bounded time. `endsWith`: it is ended when it has said this. */
export async function runFor(words: readonly [string, ...string[]], options: RunOptions): Promise<Ran> {
  if (running < RUNNING_MAX) running += 1
  else await new Promise<void>(resolve => waiting.push(resolve))
  try {
    return await run(words, options)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

interface RunOptions {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly input: string
  readonly endsWith?: string
}

/** Programs that run at the same time, so that none is late because of the others. */
const RUNNING_MAX = 4

let running = 0
const waiting: (() => void)[] = []

function run([command, ...args]: readonly [string, ...string[]], options: RunOptions): Promise<Ran> {
  const { folder, environment, input, endsWith } = options
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: folder, env: environment, stdio: 'pipe', detached: true })
    let stdout = ''
    let stderr = ''
    let isLate = false
    // The group: a shell is not what hangs.
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const timer = setTimeout(() => {
      isLate = true
      end()
    }, SPAN_MS)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(0, OUTPUT_LENGTH_MAX)
      if (endsWith !== undefined && stdout.includes(endsWith)) end()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, OUTPUT_LENGTH_MAX)
    })
    child.stdin.on('error', () => {})
    child.on('error', error => {
      clearTimeout(timer)
      resolve({ code: 127, stdout, stderr: error.message })
    })
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code: isLate ? null : (code ?? -1), stdout, stderr })
    })
    if (endsWith === undefined) child.stdin.end(input)
    else child.stdin.write(input)
  })
}
