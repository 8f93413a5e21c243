// The test command: every check, every test, and a last line that counts. Arguments go to vitest.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { check } from './check.ts'
import { lastLine, tally, type Tally, type TestReport } from './tally.ts'

const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules', '.cache', 'holdfast')
const reportFile = join(cache, `tests-${process.pid}.json`)

const failedChecks = await check()
const exitCode = await runVitest(process.argv.slice(2))
const counted = countTests(exitCode)

for (const title of counted.skippedTitles) console.log(`skipped: ${relative(root, title)}`)
if (failedChecks.length > 0) console.log(`checks that failed, counted as failed: ${failedChecks.join(', ')}`)
// A red check must not stand beside a last line without a failure.
const total = { ...counted, failed: counted.failed + failedChecks.length }
if (total.passed === 0) console.log('no test passed, which is a failure')
console.log(lastLine(total))
process.exitCode = exitCode === 0 && total.failed === 0 && total.passed > 0 ? 0 : 1

function runVitest(args: readonly string[]): Promise<number> {
  // A log keeps no colours, whatever CI claims about itself.
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' }
  mkdirSync(cache, { recursive: true })
  // The full campaigns run under a command of their own.
  const projects = args.some(arg => arg.startsWith('--project')) ? [] : ['--project=!long']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  return new Promise(resolve => {
    const command = join(root, 'node_modules', '.bin', 'vitest')
    const child = spawn(command, ['run', ...reporters, ...projects, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.on('error', error => {
      console.log(`vitest does not start: ${error.message}`)
      resolve(1)
    })
    child.on('close', code => resolve(code ?? 1))
  })
}

/** A run that failed outside every test (an unhandled rejection, no report) still counts one failure. */
function countTests(code: number): Tally {
  let counts: Tally = { passed: 0, failed: 0, skipped: 0, skippedTitles: [] }
  try {
    counts = tally(JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport)
  } catch (error) {
    console.log(`vitest left no report: ${error instanceof Error ? error.message : String(error)}`)
  }
  rmSync(reportFile, { force: true })
  if (code === 0 || counts.failed > 0) return counts
  console.log(`vitest ended with exit code ${code} although no test failed`)
  return { ...counts, failed: 1 }
}
