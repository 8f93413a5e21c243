import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { ExitStatus, MergeRisks, ProcessIdentity, Refused } from '@holdfast/core'
import { checkLedger, checkList, checkObject, checkOptions, type OptionKind } from '../check-given.ts'
import { systemTimers, type Timers } from '../clock/timers.ts'
import type { HeldLease } from '../hold/held-lease.ts'
import { LeaseLostError } from '../hold/loss.ts'
import type { HoldOutcome, HoldRequest } from '../ledger/hold-request.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { checkAcquireRequest } from '../pipeline/requests.ts'
import { childEnvironment } from './child-environment.ts'
import type { Confinement } from './confinement.ts'
import { RUN_EXIT, shellCode } from './exit-code.ts'
import { findCommand } from './find-command.ts'
import { GatedChild, type GatedChildOptions } from './gated-child.ts'
import { RunLeases } from './run-leases.ts'
import { startWatchdog } from './watchdog.ts'

/** How long a child may take to end after SIGTERM before it is killed. */
const KILL_GRACE_MS = 10_000

const STDIN = 0

export interface RunRequest {
  /** The lease to run under, or with `allOf` all of them; its run id defaults to a new one. */
  readonly hold: HoldRequest
  /** The command and its arguments; it is started directly, not through a shell. */
  readonly command: readonly string[]
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly cwd?: string | undefined
  /** What becomes of the child when the lease is lost; default `stop`. */
  readonly onLoss?: 'stop' | 'continue' | undefined
  /** End the child when this process is killed; otherwise it lives on as an orphan that can be adopted or halted. */
  readonly dieWithRunner?: boolean | undefined
  /** Time between SIGTERM and SIGKILL; default 10 s. */
  readonly killGraceMs?: number | undefined
  /** Whether the child shares the terminal; default: whether standard input is one. */
  readonly terminal?: boolean | undefined
  /** Hears of signals that are meant for the child; the returned function stops listening. */
  readonly onSignal?: ((forward: (signal: NodeJS.Signals) => void) => () => void) | undefined
  /** Called as the run goes through its steps. */
  readonly onStep?: ((step: RunStep) => void) | undefined
  readonly timers?: Timers | undefined
  /** What the child is told as its store; default the ledger's URL. */
  readonly storeUrl?: string | undefined
  readonly ledgerName?: string | undefined
  /** How the command is confined (`planConfinement`); it then ends with this process. */
  readonly confinement?: Confinement | undefined
}

export type RunStep =
  | ({ readonly step: 'granted'; readonly leaseId: string; readonly token: number } & MergeRisks)
  | { readonly step: 'started'; readonly pid: number }
  | { readonly step: 'halting'; readonly handle: string; readonly reason: string }
  | { readonly step: 'lost'; readonly reason: string }
  | { readonly step: 'ended'; readonly exit: ExitStatus }

/** What became of a run. */
export interface RunReport extends MergeRisks {
  readonly outcome: 'ended' | 'halted' | 'lost' | 'not-admitted' | 'not-found' | 'not-executable' | 'failed'
  /** The code that the command line ends with. */
  readonly exitCode: number
  readonly lane: string
  readonly holder: string
  readonly runId: string
  /** Of the lease on `lane`, where there are several. */
  readonly leaseId: string | null
  readonly token: number | null
  readonly child: ProcessIdentity | null
  readonly exit: ExitStatus | null
  /** What kept it from being admitted. */
  readonly refusal: Refused | null
  /** One sentence for everything but a plain end. */
  readonly detail: string
}

const OPTIONS = {
  command: 'list',
  env: 'object',
  cwd: 'text',
  onLoss: ['stop', 'continue'],
  dieWithRunner: 'boolean',
  killGraceMs: 'number',
  terminal: 'boolean',
  onSignal: 'function',
  onStep: 'function',
  timers: 'object',
  storeUrl: 'text',
  ledgerName: 'text',
  confinement: 'object',
} as const satisfies Partial<Record<keyof RunRequest, OptionKind>>

/**
 * Runs a command under a lease: a SPAWN intent, the lease, the child behind a gate until the beat that records it is
 * confirmed, beats while it runs, a HALT obeyed, its exit recorded, and the release. A `required` lease with a recorded
 * exit is left to its reaper. Never rejects for what can be expected: see `RunReport`. Rejects with an `InputError` for a
 * request that cannot be understood, before anything is written.
 */
export async function runChild(ledger: Ledger, request: RunRequest): Promise<RunReport> {
  checkLedger(ledger)
  checkOptions(request, OPTIONS, 'request')
  checkObject(request.hold, 'hold')
  checkList(request.command, 'command')
  const run = new Run(ledger, request, request.hold.runId ?? `run-${randomUUID()}`)
  return run.go()
}

class Run {
  readonly #ledger: Ledger
  readonly #request: RunRequest
  readonly #runId: string
  readonly #timers: Timers
  #lease: HeldLease | null = null
  /** What the grant will meet when branches are merged. */
  #risks: MergeRisks = { mergeRisks: [], moreMergeRisks: 0 }
  #child: GatedChild | null = null
  /** Settles when the child and all that it has started were stopped; `null` while nobody stops them. */
  #stopping: Promise<unknown> | null = null

  constructor(ledger: Ledger, request: RunRequest, runId: string) {
    this.#ledger = ledger
    this.#request = request
    this.#runId = runId
    this.#timers = request.timers ?? systemTimers
  }

  async go(): Promise<RunReport> {
    const { command, env = process.env } = this.#request
    const name = command[0] ?? ''
    const found = findCommand(name, env['PATH'] ?? '')
    if (found.found === 'missing') {
      return this.#report('not-found', RUN_EXIT.notFound, `${name}: command not found`)
    }
    if (found.found === 'not-executable') {
      return this.#report('not-executable', RUN_EXIT.notExecutable, `${found.path} is not executable`)
    }
    checkAcquireRequest(this.#request.hold)
    const { lane, holder, reason } = this.#request.hold
    await this.#ledger.spawn({ lane, holder, reason, runId: this.#runId, process: this.#ledger.actor })
    const held = await this.#ledger.hold({ ...this.#request.hold, runId: this.#runId })
    if (held.outcome !== 'granted') return this.#refused(held)
    this.#lease = held.lease
    const { mergeRisks, moreMergeRisks } = held
    this.#risks = { mergeRisks, moreMergeRisks }
    const { leaseId, token } = held.lease
    this.#request.onStep?.({ step: 'granted', leaseId, token, ...this.#risks })
    return this.#underLeases(new RunLeases(held.leases))
  }

  #refused(outcome: Exclude<HoldOutcome, { readonly outcome: 'granted' }>): RunReport {
    if (outcome.outcome === 'refused') {
      const report = this.#report(
        'not-admitted',
        RUN_EXIT.notAdmitted,
        `lane ${this.#request.hold.lane} was refused: ${outcome.code}`,
      )
      return { ...report, refusal: outcome }
    }
    if (outcome.outcome === 'ended') {
      return this.#report('not-admitted', RUN_EXIT.notAdmitted, `this request has ended before: ${outcome.how}`)
    }
    return this.#report('failed', RUN_EXIT.runFailed, 'the ledger is busy: too many commands wait')
  }

  async #underLeases(leases: RunLeases): Promise<RunReport> {
    let child: GatedChild
    try {
      // Only now they are the holder's to make.
      for (const folder of this.#request.confinement?.makes ?? []) mkdirSync(folder, { recursive: true })
      child = await GatedChild.start(this.#childOptions(leases.first))
    } catch (error) {
      await leases.release('the child did not start')
      return this.#report('failed', RUN_EXIT.runFailed, `the child did not start: ${messageOf(error)}`)
    }
    this.#child = child
    try {
      await leases.beat({ children: [child.identity] })
    } catch (error) {
      child.drop()
      await child.exited
      return this.#neverBegan(leases, error)
    }
    if (leases.haltRequested.aborted) {
      child.drop()
      await child.exited
      await leases.enactHalt()
      await leases.release('halted before the child began')
      const code = shellCode({ code: null, signal: 'SIGTERM' })
      return this.#report('halted', code, 'halted before the child began')
    }
    return this.#whileRunning(leases, child)
  }

  #childOptions(lease: HeldLease): GatedChildOptions {
    const { command, env = process.env, cwd, terminal, storeUrl, ledgerName, confinement } = this.#request
    const about = {
      lease,
      runId: this.#runId,
      store: storeUrl ?? this.#ledger.url,
      ledger: ledgerName ?? this.#ledger.stream,
      ledgerId: this.#ledger.ledgerId,
    }
    // Asked of the descriptor: the stream would put a pipe that the child inherits into another mode.
    const onTerminal = terminal ?? process.getBuiltinModule('node:tty').isatty(STDIN)
    const how = { cwd, env: childEnvironment(env, about), ownGroup: !onTerminal }
    if (confinement === undefined) return { ...how, command }
    return { ...how, command: [...confinement.words, '--', ...command], isSupervised: true }
  }

  async #neverBegan(leases: RunLeases, error: unknown): Promise<RunReport> {
    if (error instanceof LeaseLostError) {
      await leases.release()
      return this.#report('lost', RUN_EXIT.leaseLost, error.message)
    }
    await leases.release('the child could not be recorded').catch(() => undefined)
    return this.#report('failed', RUN_EXIT.runFailed, `the child could not be recorded: ${messageOf(error)}`)
  }

  async #whileRunning(leases: RunLeases, child: GatedChild): Promise<RunReport> {
    const { onSignal, onStep, dieWithRunner, killGraceMs = KILL_GRACE_MS } = this.#request
    const dismiss = dieWithRunner === true ? startWatchdog(child.identity, killGraceMs) : null
    const stopListening = onSignal?.(signal => this.#handOn(signal, leases, child))
    const onHalt = (): void => this.#obeyHalt(leases, child)
    const onLost = (): void => this.#afterLoss(leases, child)
    leases.haltRequested.addEventListener('abort', onHalt, { once: true })
    leases.signal.addEventListener('abort', onLost, { once: true })
    try {
      child.letGo()
      onStep?.({ step: 'started', pid: child.identity.pid })
      const exit = await child.exited
      onStep?.({ step: 'ended', exit })
      // What the child leaves behind when it is stopped still works under the lease until it has ended as well.
      await this.#stopping
      return await this.#afterExit(leases, exit)
    } finally {
      leases.haltRequested.removeEventListener('abort', onHalt)
      leases.signal.removeEventListener('abort', onLost)
      stopListening?.()
      dismiss?.()
    }
  }

  #handOn(signal: NodeJS.Signals, leases: RunLeases, child: GatedChild): void {
    // Who goes on after a stop may have lost the lease meanwhile: looking tells, and then the child is being ended.
    const goesOn = signal !== 'SIGCONT' || leases.isHeld || this.#request.onLoss === 'continue'
    if (goesOn) child.signal(signal)
  }

  #obeyHalt(leases: RunLeases, child: GatedChild): void {
    const halt: unknown = leases.haltRequested.reason
    const { handle, reason } = isHalt(halt) ? halt : { handle: '', reason: '' }
    this.#request.onStep?.({ step: 'halting', handle, reason })
    // The stop does not wait for the record of it: an unreachable store must not keep a halted child running.
    const enacting = leases.enactHalt().catch(() => undefined)
    this.#stopping ??= Promise.all([enacting, this.#stop(child)])
  }

  #afterLoss(leases: RunLeases, child: GatedChild): void {
    this.#request.onStep?.({ step: 'lost', reason: messageOf(leases.signal.reason) })
    if (this.#request.onLoss !== 'continue') this.#stopping ??= this.#stop(child)
  }

  #stop(child: GatedChild): Promise<void> {
    return child.stop(this.#timers, this.#request.killGraceMs ?? KILL_GRACE_MS)
  }

  async #afterExit(leases: RunLeases, exit: ExitStatus): Promise<RunReport> {
    const halted = leases.haltRequested.aborted
    const code = shellCode(exit)
    const ends = await Promise.allSettled(leases.all.map(lease => this.#end(lease, exit, halted ? 'halted' : '')))
    const failed = ends.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') {
      const detail = `the child ended with ${code}, but its end could not be recorded: ${messageOf(failed.reason)}`
      leases.abandon()
      return { ...this.#report('ended', code, detail), exit }
    }
    if (leases.signal.aborted) {
      const lost = this.#report(
        'lost',
        this.#request.onLoss === 'continue' ? code : RUN_EXIT.leaseLost,
        messageOf(leases.signal.reason),
      )
      return { ...lost, exit }
    }
    return { ...this.#report(halted ? 'halted' : 'ended', code, halted ? 'stopped by a HALT' : ''), exit }
  }

  /** Records the exit and gives the lease up. What asked for a reaper is left to it: a release would skip its effect. */
  async #end(lease: HeldLease, exit: ExitStatus, reason: string): Promise<void> {
    try {
      if (lease.isHeld) await lease.beat({ exit })
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error
    }
    if (this.#request.hold.reap === 'required' && lease.isHeld) lease.abandon()
    else await lease.release(reason)
  }

  #report(outcome: RunReport['outcome'], exitCode: number, detail: string): RunReport {
    const { lane, holder } = this.#request.hold
    return {
      outcome,
      exitCode,
      lane: this.#lease?.lane ?? lane,
      holder,
      runId: this.#runId,
      leaseId: this.#lease?.leaseId ?? null,
      token: this.#lease?.token ?? null,
      child: this.#child?.identity ?? null,
      exit: null,
      refusal: null,
      ...this.#risks,
      detail,
    }
  }
}

function isHalt(reason: unknown): reason is { handle: string; reason: string } {
  return typeof reason === 'object' && reason !== null && 'handle' in reason && 'reason' in reason
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
