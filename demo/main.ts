// The main job on real input: workers as real processes contend for parts of this repository, some of them die, and
// the log says at the end what happened and whether every promise held.
//   npm start [-- --keep]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { Holdfast, REPOSITORY } from './holdfast.ts'
import { Log } from './log.ts'
import { lineOf } from './narrate.ts'
import { findings, type Finding } from './report.ts'
import { contend, expiry, orphan, spin, type Stage } from './scenes.ts'

/** Times short enough to watch. */
const CONFIGURATION = {
  ttlDefaultMs: 8000,
  graceMs: 1000,
  orphanGraceMs: 2000,
  ticketTtlMs: 4000,
  refusalWindowMs: 2000,
}

/** When a worker that beats counts as spinning. */
const POLICY = { liveness: { graceMs: 4000, spinMs: 60_000, progressWindowMs: 600_000 } }

const keep = process.argv.includes('--keep')
const startedMs = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
const store = `sqlite:${join(folder, 'ledger.db')}`
const policy = join(folder, 'holdfast.config.json')

const say = (line: string): void => console.log(`${styleText('dim', clock())} ${line}`)
const holdfast = new Holdfast(store, say)

process.once('SIGINT', () => {
  console.log('interrupted')
  void holdfast.stopAll().then(() => process.exit(130))
})

try {
  process.exitCode = (await demonstrate()) ? 0 : 1
} catch (error) {
  console.log(styleText('red', `the demonstration failed: ${error instanceof Error ? error.message : String(error)}`))
  process.exitCode = 1
} finally {
  await holdfast.stopAll()
  if (keep) tellAround()
  else rmSync(folder, { recursive: true, force: true })
}

async function demonstrate(): Promise<boolean> {
  console.log('Holdfast: workers contend for parts of this repository; some of them will be killed.')
  console.log(`The ledger is at ${store}\n`)
  const deciding = join(folder, 'ledger.config.json')
  writeFileSync(deciding, JSON.stringify(CONFIGURATION))
  writeFileSync(policy, JSON.stringify(POLICY))
  const founded = await holdfast.call('init', '--config', deciding)
  if (founded.exitCode !== 0) throw new Error(founded.stderr)

  const log = await Log.open(store, event => {
    const line = lineOf(event)
    if (line !== null) say(styleText('cyan', line))
  })
  try {
    const stage: Stage = { holdfast, log, store, policy, folder, say }
    const scenes = [spin(stage), orphan(stage), contend(stage), expiry(stage)] as const
    const [verdicts, staleBeat] = await Promise.all(scenes)
    return await report(findings(log, verdicts, staleBeat))
  } finally {
    await log.close()
  }
}

async function report(found: readonly Finding[]): Promise<boolean> {
  console.log('\nWhat happened, read from the log:')
  for (const { what, shown } of found) {
    const mark = shown === null ? styleText('red', 'MISSING') : styleText('green', 'ok     ')
    console.log(`  ${mark} ${what}${shown === null ? '' : `: ${shown}`}`)
  }
  const verified = await holdfast.call('verify')
  console.log(`\nholdfast verify:\n${verified.stdout}${verified.stderr}`)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const ok = verified.exitCode === 0 && found.every(({ shown }) => shown !== null)
  console.log(
    ok
      ? styleText('green', `All of it held, in ${seconds} s.`)
      : styleText('red', `Not all of it held (${seconds} s).`),
  )
  return ok
}

function tellAround(): void {
  const command = join('node_modules', '.bin', 'holdfast')
  console.log(`\nThe folder is kept: ${folder}\nLook around from ${REPOSITORY}:`)
  for (const question of ['log', 'status', 'leases', 'verify']) {
    console.log(`  ${command} ${question} --store ${store}`)
  }
}

function clock(): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)}s`
}
