import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A child whose lines can be waited for. */
export interface LineChild {
  readonly process: ChildProcess
  /** The next line, or null when the child has ended. */
  readonly line: () => Promise<string | null>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Starts a script of this folder with node; its lines arrive over a pipe. */
export function startScript(script: string, args: readonly string[], options: SpawnOptions = {}): LineChild {
  return lineChild(process.execPath, [new URL(script, import.meta.url).pathname, ...args], options)
}

export function lineChild(command: string, args: readonly string[], options: SpawnOptions = {}): LineChild {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('the child has no output')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = new Promise<{ code: number | null; signal: string | null }>(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return {
    process: child,
    ended,
    line: async () => {
      const next = await lines.next()
      return next.done === true ? null : next.value
    },
  }
}

/** Gives a waiting child its word to go on. */
export function tell(child: LineChild, line: string): void {
  child.process.stdin?.write(`${line}\n`)
}
