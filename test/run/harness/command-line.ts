import { spawn, type ChildProcess } from 'node:child_process'
import { COMMAND } from '../../setup/command.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Process {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ended>
}

/** Starts the real command line as a process of its own. */
export function holdfast(args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Process {
  return started([COMMAND, ...args], options)
}

/** Starts a script on the Node that runs the tests. */
export function script(file: string, args: readonly string[], options: { cwd?: string } = {}): Process {
  return started([file, ...args], options)
}

function started(args: readonly string[], { env, cwd }: { env?: NodeJS.ProcessEnv; cwd?: string }): Process {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid === undefined) throw new Error('the process did not start')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>(resolve => {
    // Not `close`: what outlives its runner keeps the pipes open.
    child.once('exit', (code, signal) => {
      setImmediate(() => resolve({ code, signal, stdout, stderr }))
    })
  })
  return { child, pid: child.pid, ended }
}
