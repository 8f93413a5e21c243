import { once } from 'node:events'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Holder, Token } from '@holdfast/core'
import {
  AutoCompaction,
  commandEffect,
  commandGate,
  commandNotice,
  parseDuration,
  Reaper,
  spinningJudge,
  systemProbe,
  systemTimers,
  type AutoCompactionStatus,
  type Ledger,
  type ReapAction,
  type ReapCommand,
} from '@holdfast/engine'
import { instantOf } from '@holdfast/projections'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { firstFaults } from '../input/faults.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { progressProbes, progressSources, type ProgressSources } from '../input/progress-probes.ts'
import { reapLines } from '../print/reap-lines.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import type { ReapLine } from '../schemas/reap.ts'

interface ReapFlags {
  readonly once?: boolean
  readonly dryRun?: boolean
  readonly gate?: string
  readonly onReaped?: string
  readonly onFailed?: string
  readonly haltSpinning?: boolean
  readonly interval?: string
  readonly as?: string
}

const INTERVAL_DEFAULT = '15s'
const INTERVAL_MIN_MS = 100

/** Pause between the looks of `--once`: a death is believed after several of them. */
const ONCE_PAUSE_MS = 500

/** `reap`: ends leases whose work is over, and explains each decision. */
export const reap: Define = (command, shell) => {
  takesFlags(command)
  examples(
    command,
    'holdfast reap --once --dry-run',
    `holdfast reap --gate 'test -s "out/$HOLDFAST_LANE.json"' --on-reaped './requeue.sh "$HOLDFAST_REAP_KEY"'`,
  )
  shell.does(command, async (flags: ReapFlags) => {
    const local = await localConfiguration(shell.globals.config, workingFolder())
    const intervalMs = parseDuration(flags.interval ?? local.reaper.interval ?? INTERVAL_DEFAULT, 'interval')
    if (intervalMs < INTERVAL_MIN_MS) throw new UsageError(`interval: give at least ${INTERVAL_MIN_MS}ms.`)
    const settings = local.liveness
    const sources = progressSources(local)
    const haltSpinning = flags.haltSpinning ?? local.reaper.haltSpinning
    if (haltSpinning) demandSight(sources)
    const holder = holderOf(flags)
    const gate = words(flags.gate, 'gate')
    const onReaped = words(flags.onReaped, 'on-reaped')
    const onFailed = words(flags.onFailed, 'on-failed')
    await using ledger = await shell.openLedger({ create: false })
    const about = { holder, store: ledger.url, ledger: ledger.stream, ledgerId: ledger.ledgerId }
    const toCommand = (text: string): ReapCommand => ({ ...about, words: text })
    const probes = await progressProbes(sources, ledger.config)
    await using reaper = new Reaper(ledger, {
      holder,
      intervalMs,
      dryRun: flags.dryRun,
      gate: gate === undefined ? undefined : commandGate(toCommand(gate)),
      onReaped: onReaped === undefined ? undefined : commandEffect(toCommand(onReaped)),
      onFailed: onFailed === undefined ? undefined : commandNotice(toCommand(onFailed)),
      spinning: spinningJudge({ settings, probes, probe: systemProbe }),
      haltSpinning,
      onAction: flags.once === true ? undefined : newsOnly(action => void tell(shell, action)),
    })
    if (flags.once === true) return await reapOnce(shell, reaper, ledger)
    const isWriter = flags.dryRun !== true
    const onAttempt = newsOfCompaction(shell)
    await using _ = isWriter
      ? new AutoCompaction(ledger, { policy: local.compaction, timers: systemTimers, onAttempt })
      : null
    return await reapOn(shell, reaper)
  })
}

function takesFlags(command: Command): void {
  command
    .option('--once', 'look at all leases once, act, and exit (default: repeat until interrupted)')
    .option('--dry-run', 'explain each decision, and write nothing')
    .option(
      '--gate <words>',
      "command that checks a job's result; exit 0 means success. Runs only for jobs that exited 0; must not change anything",
    )
    .option('--on-reaped <words>', 'command to run after a job has ended; can run more than once for the same job')
    .option(
      '--on-failed <words>',
      'command to run when a job has failed and is not tried again; can be missed if the reaper crashes',
    )
    .option('--halt-spinning', 'request a stop of jobs that beat without progress (default: only report them)')
    .option('--interval <span>', `time between two looks (default ${INTERVAL_DEFAULT})`)
    .option('--as <name>', 'name of this reaper in the ledger (default: reaper, host and pid)')
}

/** Whoever is blind to all work must not stop those who do it. */
function demandSight({ files, commits }: ProgressSources): void {
  if (files || commits) return
  throw new UsageError('halt-spinning: progress.files and progress.commits are both off, so no work would be seen.')
}

/** One look, or as many as it takes to believe the deaths that the first one found. */
async function reapOnce(shell: Shell, reaper: Reaper, ledger: Ledger): Promise<number> {
  const stopped = shell.interruption.signal()
  let actions: readonly ReapAction[] = []
  for (let looks = 1; ; looks += 1) {
    const latest = await reaper.reapOnce()
    const done = actions.filter(({ leaseId }) => latest.every(action => action.leaseId !== leaseId))
    actions = [...done, ...latest]
    const { lastError } = reaper.status()
    if (lastError !== null) throw lastError
    const undecided = latest.some(({ plan }) => plan.verdict === 'leave' && plan.streak !== null)
    if (!undecided || looks >= ledger.config.probeCount || stopped.aborted) break
    await sleep(ONCE_PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined)
  }
  for (const action of actions) await tell(shell, action)
  if (actions.length === 0 && !shell.json) await shell.out.line('No leases.')
  return actions.some(({ result }) => result === 'failed') ? EXIT.unexpected : EXIT.done
}

/** Looks on and on; the first signal lets what is under way end, a second one ends it at once. */
async function reapOn(shell: Shell, reaper: Reaper): Promise<number> {
  const stopped = shell.interruption.signal()
  let failing = false
  const watching = reaper.status$.subscribe(({ lastError }) => {
    if (lastError !== null && !failing) shell.out.fail(lastError, shell.json)
    failing = lastError !== null
  })
  reaper.start()
  if (!stopped.aborted) await once(stopped, 'abort')
  await reaper.stop()
  watching.unsubscribe()
  shell.interruption.settled()
  return EXIT.done
}

/** A loop says what is new: a lease that is left for the same reason as before is left without a word. */
function newsOnly(tell: (action: ReapAction) => void): (action: ReapAction) => void {
  let told = new Map<string, string>()
  return action => {
    const { leaseId, token, result, plan } = action
    const news = [token, result, plan.verdict, plan.basis, plan.tier].join(' ')
    if (result !== 'failed' && told.get(leaseId) === news) return
    // What has ended is told once more at most when it is forgotten.
    if (told.size >= TOLD_MAX) told = new Map()
    told.set(leaseId, news)
    tell(action)
  }
}

const TOLD_MAX = 100_000

async function tell(shell: Shell, action: ReapAction): Promise<void> {
  await shell.answer(lineOf(action), reapLines)
  await shell.out.flush()
}

function lineOf({ plan, atMs, token, leaseId, lane, result, disposition, detail }: ReapAction): ReapLine {
  const { streak, verdict, basis, tier, cause, reason, forced, runsEffect, evidence } = plan
  const planned = {
    verdict,
    basis,
    tier,
    cause,
    reason,
    forced,
    runsEffect,
    evidence,
    deadTicks: streak?.deadTicks ?? 0,
  }
  const became = { result, disposition: disposition ?? plan.disposition, detail }
  return { at: instantOf(atMs), leaseId, lane, token: Token.parse(token), ...planned, ...became }
}

function holderOf({ as }: ReapFlags): string {
  const name = Holder.safeParse(as ?? `reaper-${hostname()}-${process.pid}`)
  if (name.success) return name.data
  throw new UsageError(`as: ${firstFaults(name.error)}`)
}

function words(text: string | undefined, field: string): string | undefined {
  if (text !== undefined && text.trim() === '') throw new UsageError(`${field}: give a command, or leave the flag out.`)
  return text
}

/** Tells of each compaction, and of a failure when it is new. */
function newsOfCompaction(shell: Shell): (status: AutoCompactionStatus) => void {
  let failing = false
  let told = 0
  return ({ last, lastError, compactions }) => {
    if (lastError !== null && !failing) shell.out.fail(lastError, shell.json)
    if (last !== null && compactions > told && !shell.json) {
      shell.out.remark(`holdfast: compacted the log, ${last.eventsBefore} events to ${last.eventsAfter}`)
    }
    failing = lastError !== null
    told = compactions
  }
}
