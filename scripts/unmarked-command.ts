import { spawn } from 'node:child_process'
import { RUN_MARK } from './left-running.ts'

/**
 * Runs shell words that may leave a server running. They do not have the run's mark in their environment and are a group
 * of their own, so neither the end of the tests nor Ctrl-C ends what they start. Resolves with their own end: what they
 * leave running may keep their output open. Rejects when they fail.
 */
export function runUnmarked(words: string, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => name !== RUN_MARK))
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', words], { env, stdio: ['ignore', 'ignore', 'inherit'], detached: true })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`the command ${JSON.stringify(words)} ended with ${code ?? signal}`))
    })
  })
}
