import { spawn } from 'node:child_process'
import { UsageError } from '../failure/usage-error.ts'

/** Longest answer of a command of ours that is read. */
const ANSWER_LENGTH_MAX = 16 * 1024 * 1024

/**
 * Runs another command of this program, with `--json`, and reads its answer. Commands that have their own ways to be right
 * stay the only ones who do that work.
 *
 * @throws UsageError with what it said, where it ended with anything but 0.
 */
export async function ownCommand(
  args: readonly string[],
  { folder, environment = process.env }: { readonly folder: string; readonly environment?: NodeJS.ProcessEnv },
): Promise<unknown> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args, '--json'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(0, ANSWER_LENGTH_MAX)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, ANSWER_LENGTH_MAX)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0)
    throw new UsageError(messageIn(stderr) ?? `\`holdfast ${args.join(' ')}\` ended with ${String(code)}.`)
  const answer: unknown = JSON.parse(stdout)
  return answer
}

function messageIn(stderr: string): string | null {
  try {
    const failure: unknown = JSON.parse(stderr.trim().split('\n').at(-1) ?? '')
    if (typeof failure !== 'object' || failure === null || !('error' in failure)) return null
    const { error } = failure
    return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : null
  } catch {
    return null
  }
}
