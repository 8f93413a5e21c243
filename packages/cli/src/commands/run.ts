import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EpochMs, LeaseId, Token } from '@holdfast/core'
import {
  parseDuration,
  planConfinement,
  RUN_EXIT,
  runChild,
  tryConfinement,
  type AcquireRequest,
  type Confinement,
  type Ledger,
  type RunReport,
  type RunStep,
  type WaitOptions,
} from '@holdfast/engine/lean'
import { Option } from 'commander'
import { atLedger, refusedAnswer, type RefusedRequest } from '@holdfast/server/answers'
import { refusalLines } from '@holdfast/server/text'
import { surroundings } from '../answer/surroundings.ts'
import { EXIT } from '../failure/exit-code.ts'
import { failureOf } from '../failure/failure.ts'
import { UsageError } from '../failure/usage-error.ts'
import { collect } from '../input/flag-values.ts'
import { mergeRiskLines } from '../print/lease-lines.ts'
import { plain } from '../print/plain.ts'
import { WaitingLine } from '../print/waiting-line.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { acquireRequest, takesRequest, unknownKind, type AcquireFlags } from './acquire-request.ts'
import type { FailureAnswer } from '../schemas/failure.ts'
import type { RunAnswer } from '../schemas/run.ts'

/** The first process of a container inherits all whose parent has ended. */
const INIT_PID = 1

const NO_INIT =
  'this is process 1 here, and inherits processes that it cannot reap: their entries stay until the container ends. Start it under an init (`docker run --init`, or `tini -- holdfast run …`).'

interface RunFlags extends AcquireFlags {
  readonly onLoss?: 'stop' | 'continue'
  readonly dieWithRunner?: boolean
  readonly report?: string
  readonly confine?: boolean
  readonly writable?: readonly string[]
}

/** `run`: a command under a lease that beats by itself. Standard output is the child's alone. */
export const run: Define = (command, shell) => {
  takesRequest(command)
    .argument('<command...>', 'the command to run and its arguments, after --')
    .addOption(
      new Option('--on-loss <what>', 'what to do with the command if the lease is lost').choices(['stop', 'continue']),
    )
    .option('--die-with-runner', 'stop the command when holdfast itself is killed')
    .option('--report <file>', 'write the result to this file, as JSON')
    .option('--confine', 'let the command write only what is leased, and temporary folders (needs bubblewrap)')
    .option(
      '--writable <path>',
      'with --confine: a further place that it may write, such as a cache; repeat for more',
      collect,
    )
  command.usage('[options] <lane> -- <command...>')
  examples(
    command,
    "holdfast run api --holder agent-7 --region 'src/api/**' -- npm test",
    'holdfast run deploy --holder ci --wait 10m --report run.json -- ./deploy.sh',
  )
  shell.does(command, async (lane: string, child: readonly string[], flags: RunFlags) => {
    try {
      return await runUnderLease(shell, lane, child, flags)
    } catch (error) {
      // The child's codes and ours share one number: whatever kept it from running is told apart by its own.
      if (failureOf(error).exitCode === EXIT.usage) throw error
      shell.out.fail(error, shell.json)
      return RUN_EXIT.runFailed
    }
  })
}

async function runUnderLease(shell: Shell, lane: string, child: readonly string[], flags: RunFlags): Promise<number> {
  const { request, warnings } = await acquireRequest(lane, flags, shell)
  if (!shell.json) for (const warning of warnings) shell.out.remark(`holdfast: ${plain(warning)}`)
  const confinement = confined(shell, request, flags)
  // While the ledger is opened; before anything is leased, for who cannot be confined shall not wait in line.
  const trying = confinement === undefined ? Promise.resolve() : tryConfinement(confinement)
  trying.catch(() => undefined)
  await using report = flags.report === undefined ? null : await openReport(flags.report)
  try {
    const { answer: ran, ended, nowMs } = await inLedger(shell, request, child, { ...flags, confinement, trying })
    const all = [...warnings, ...shell.warnings]
    const answer = { ...ran, ...(all.length === 0 ? {} : { warnings: all }) }
    await writeReport(shell, report, answer)
    if (shell.json) shell.out.jsonRemark(answer)
    else for (const line of lines(ended, answer, nowMs)) shell.out.remark(line)
    return ended.exitCode
  } catch (error) {
    const { code, message } = failureOf(error)
    await writeReport(shell, report, { error: { code, message } })
    throw error
  }
}

/** What became of the run does not change because it cannot be written down, on a full disk for one. */
async function writeReport(shell: Shell, report: FileHandle | null, told: RunAnswer | FailureAnswer): Promise<void> {
  try {
    await report?.writeFile(`${JSON.stringify(told)}\n`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    shell.out.remark(`holdfast: the report could not be written: ${why}`)
  }
}

/** How the command is confined; `undefined`: it is not. */
function confined(shell: Shell, request: AcquireRequest, flags: RunFlags): Confinement | undefined {
  if (flags.confine !== true) {
    if (flags.writable !== undefined)
      throw new UsageError('writable: it says what a confined command may write; add --confine.')
    return undefined
  }
  const { root, url: storeUrl } = shell.which
  const claims = [request, ...(request.allOf ?? [])]
  const region = claims.flatMap(claim => ((claim.mode ?? request.mode) === 'shared' ? [] : (claim.region ?? [])))
  const writable = (flags.writable ?? []).map(path => resolve(path))
  return planConfinement({ root, region, writable, storeUrl, env: process.env })
}

interface Ran {
  readonly ended: RunReport
  readonly answer: RunAnswer
  readonly nowMs: number
}

async function inLedger(
  shell: Shell,
  request: AcquireRequest,
  child: readonly string[],
  {
    onLoss,
    dieWithRunner,
    wait,
    confinement,
    trying,
  }: RunFlags & { readonly confinement: Confinement | undefined; readonly trying: Promise<void> },
): Promise<Ran> {
  await using ledger = await shell.openLedger({ create: true })
  await trying
  for (const warning of unknownKind(request.kind, Object.keys(ledger.config.kinds))) shell.warn(warning)
  if (process.pid === INIT_PID) shell.out.remark(`holdfast: ${NO_INIT}`)
  const waitMs = wait === undefined ? 0 : parseDuration(wait, 'wait')
  using line = new WaitingLine({ lane: request.lane, waitMs, quiet: shell.json })
  const onRefused: WaitOptions['onRefused'] = (refused, nowMs) => line.show(refused, nowMs)
  const ended = await runChild(ledger, {
    hold: { ...request, wait, signal: shell.interruption.signal(), onRefused },
    command: child,
    onLoss,
    dieWithRunner,
    confinement,
    onSignal: forward => shell.interruption.forwardTo(forward),
    onStep: step => {
      // From here on the terminal is the child's.
      if (step.step === 'granted') line.end()
      tell(shell, step)
    },
  })
  // For people, and no reason to hide what became of the run: the store may be another one by now.
  const nowMs = await ledger.now().catch(() => EpochMs.parse(Date.now()))
  const around = { ...surroundings(shell, ledger, nowMs), asker: request.holder }
  const asked = { ...around, op: 'acquire', lane: ended.lane } as const
  return { ended, answer: answerOf(ended, ledger, asked), nowMs }
}

function answerOf(report: RunReport, ledger: Ledger, asked: RefusedRequest): RunAnswer {
  const { leaseId, token, refusal } = report
  return {
    ...atLedger(ledger),
    ...report,
    leaseId: leaseId === null ? null : LeaseId.parse(leaseId),
    token: token === null ? null : Token.parse(token),
    refusal: refusal === null ? null : refusedAnswer(refusal, asked),
    mergeRisks: [...report.mergeRisks],
  }
}

function tell(shell: Shell, step: RunStep): void {
  if (shell.json) return
  switch (step.step) {
    case 'halting':
      shell.out.remark(
        `holdfast: asked to stop (${plain(step.handle)}${step.reason === '' ? '' : `: ${plain(step.reason)}`})`,
      )
      return
    case 'lost':
      shell.out.remark(`holdfast: ${plain(step.reason)}`)
      return
    case 'granted':
      for (const line of mergeRiskLines(step)) shell.out.remark(`holdfast: ${line}`)
      return
    case 'started':
    case 'ended':
      return
  }
}

function lines(report: RunReport, { refusal }: RunAnswer, nowMs: number): readonly string[] {
  if (refusal !== null) return refusalLines(report.lane, refusal, nowMs)
  const told = report.outcome === 'halted' || report.outcome === 'lost'
  return report.detail === '' || told ? [] : [`holdfast: ${plain(report.detail)}`]
}

/** Opened before anything runs: a report that cannot be written is told while nothing has happened yet. */
async function openReport(file: string): Promise<FileHandle> {
  try {
    // Without waiting: a pipe that nobody reads would hold up even the end of this program.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants
    return await open(file, O_WRONLY | O_CREAT | O_TRUNC | (O_NONBLOCK ?? 0))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`report: ${JSON.stringify(file)} cannot be written: ${why}.`, { cause: error })
  }
}
