// Every static check, one line each; the whole output of those that fail. Exit 1 when any fails.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

const cruised = ['packages', 'test', 'scripts', 'bench', 'demo'].filter(folder => existsSync(join(root, folder)))

const STEPS: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'types', command: ['tsc', '--noEmit', '--pretty', 'false'] },
  // The page is checked against a browser's globals, all else against Node's.
  { name: 'page', command: ['tsc', '--noEmit', '--pretty', 'false', '--project', 'test/web'] },
  { name: 'arrows', command: ['depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...cruised] },
  { name: 'dead-code', command: ['knip', '--no-progress', '--no-config-hints'] },
]

/** Runs the steps one after the other and answers the names of those that failed. */
export async function check(): Promise<readonly string[]> {
  const failed: string[] = []
  for (const step of STEPS) {
    const startedMs = performance.now()
    const { code, output } = await run(step.command)
    const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
    console.log(`check ${step.name.padEnd(10)} ${code === 0 ? 'ok' : 'FAILED'} (${took})`)
    if (code === 0) continue
    failed.push(step.name)
    console.log(`${output.trimEnd()}\n`)
  }
  return failed
}

function run([tool = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise(resolve => {
    const child = spawn(join(root, 'node_modules', '.bin', tool), args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    const collect = (chunk: Buffer) => void chunks.push(chunk)
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', error => resolve({ code: 1, output: `${tool} does not start: ${error.message}` }))
    child.on('close', (code, signal) => {
      const ending = signal === null ? '' : `\n${tool} was ended by ${signal}`
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() + ending })
    })
  })
}

if (import.meta.main) process.exitCode = (await check()).length === 0 ? 0 : 1
