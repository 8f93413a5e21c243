// The test command: every check, every test, and a last line that counts. Arguments go to vitest.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join, relative } from 'node:path'
import { check } from './check.ts'
import { killAllWith, RUN_MARK } from './left-running.ts'
import { lastLine, tally, type Tally, type TestReport } from './tally.ts'

const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules', '.cache', 'holdfast')
const reportFile = join(cache, `tests-${process.pid}.json`)

/** How long the tests may take in all, far beyond what they need; the long campaigns have no such end. */
const DEADLINE_MS = 30 * 60_000
/** How long vitest may take to end after its report. */
const ENDING_MS = 20_000
const LOOK_MS = 500

/** In the environment of all that the tests start, so that nothing of it outlives them. */
const MARK = { name: RUN_MARK, value: `${process.pid}-${Date.now()}` }

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    endWhatIsLeft()
    process.exit(128 + constants.signals[signal])
  })
}

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

/** Never waits for ever: not for a test, nor for a vitest whose worker cannot end because of what a test left behind. */
function runVitest(args: readonly string[]): Promise<number> {
  // A log keeps no colours, whatever CI claims about itself.
  const colours = process.stdout.isTTY ? {} : { NO_COLOR: '1' }
  mkdirSync(cache, { recursive: true })
  // The full campaigns run under a command of their own.
  const choosesProjects = args.some(arg => arg.startsWith('--project'))
  const projects = choosesProjects ? [] : ['--project=!long']
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  return new Promise(resolve => {
    const command = join(root, 'node_modules', '.bin', 'vitest')
    const child = spawn(command, ['run', ...reporters, ...projects, ...args], {
      cwd: root,
      env: { ...process.env, ...colours, [MARK.name]: MARK.value },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const giveUp = (why: string): void => {
      console.log(why)
      child.kill('SIGKILL')
    }
    const startedMs = performance.now()
    let reportedMs: number | null = null
    const look = setInterval(() => {
      const nowMs = performance.now()
      if (reportedMs === null && existsSync(reportFile)) reportedMs = nowMs
      if (reportedMs !== null && nowMs - reportedMs > ENDING_MS) giveUp('vitest does not end after its report')
      else if (!choosesProjects && nowMs - startedMs > DEADLINE_MS) giveUp('the tests do not end')
    }, LOOK_MS)
    const end = (code: number): void => {
      clearInterval(look)
      endWhatIsLeft()
      resolve(code)
    }
    child.on('error', error => {
      console.log(`vitest does not start: ${error.message}`)
      end(1)
    })
    child.on('exit', code => end(code ?? 1))
  })
}

function endWhatIsLeft(): void {
  for (const { pid, command } of killAllWith(`${MARK.name}=${MARK.value}`)) {
    console.log(`left running by a test, and ended: ${pid} ${command.slice(0, 200)}`)
  }
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
