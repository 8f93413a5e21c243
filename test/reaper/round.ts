import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedEvent } from '@holdfast/core'
import { LeaseLostError, openLedgerOn, thisProcess, type HeldLease, type Ledger } from '@holdfast/engine'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { noFaults, withFaults } from '../engine/harness/faulty-store.ts'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { until } from '../run/harness/processes.ts'
import type { CrashStep } from './crash-steps.ts'

const CHILD = join(import.meta.dirname, 'reaper-child.ts')

/** Long enough that only what was killed loses a claim, also where eight reapers share two cores. */
const TTL_MS = 1500

export const NAMES = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8'] as const

const CONFIG = {
  ttlDefaultMs: TTL_MS,
  graceMs: 300,
  orphanGraceMs: 300,
  finalisationGraceMs: 100,
  ageCeilingMs: 2000,
  probeCount: 2,
  effectAttempts: 3,
}

interface Ending {
  readonly over: 'exited' | 'expired' | 'dead' | 'old'
  readonly causes: readonly string[]
  readonly disposition: 'done' | 'retry' | 'failed'
}

/** One effect, as it noted itself. */
export interface Ran {
  readonly lane: string
  readonly key: number
  readonly token: number
  readonly disposition: string
  readonly ended: boolean
}

/** A ledger with work that is over in every way in which it can be, and real reapers that race for it. */
export class Round implements AsyncDisposable {
  readonly at: LedgerFolder
  readonly #reapers = new Set<ChildProcessWithoutNullStreams>()
  readonly #holders: Promise<void>[] = []

  /** Hears of nothing that it does not ask for itself, so its holders believe for as long as they may. */
  readonly #deaf: Ledger

  private constructor(at: LedgerFolder, deaf: Ledger) {
    this.at = at
    this.#deaf = deaf
  }

  static async begin(): Promise<Round> {
    const at = await LedgerFolder.make(CONFIG)
    const store = await openSqliteStore({ path: at.path('ledger.db') })
    return new Round(at, await openLedgerOn(withFaults(noFaults({ deaf: true }))(store)))
  }

  /**
   * How each lane's work must end, whoever ends it, and on which cause it may be claimed first: a reaper that comes late
   * may find that time has ended what something else was to end.
   */
  static readonly ENDINGS: Readonly<Record<string, Ending>> = {
    'good-1': { over: 'exited', causes: ['exited'], disposition: 'done' },
    'good-2': { over: 'exited', causes: ['exited'], disposition: 'done' },
    'good-3': { over: 'exited', causes: ['exited'], disposition: 'done' },
    'bad-1': { over: 'exited', causes: ['exited'], disposition: 'failed' },
    'required-1': { over: 'expired', causes: ['expired', 'age-ceiling'], disposition: 'retry' },
    'required-2': { over: 'expired', causes: ['expired', 'age-ceiling'], disposition: 'retry' },
    'dead-1': { over: 'dead', causes: ['process-dead', 'expired', 'age-ceiling'], disposition: 'failed' },
    'beating-1': { over: 'exited', causes: ['exited'], disposition: 'done' },
    'old-1': { over: 'old', causes: ['age-ceiling'], disposition: 'failed' },
  }

  /** Takes the leases. Holders of `beating` and `old` live on in this process and write until they hear of their loss. */
  async giveOutWork(): Promise<void> {
    const { ledger } = this.at
    for (const [lane, { over, disposition }] of Object.entries(Round.ENDINGS)) {
      const maxAttempts = disposition === 'retry' ? 3 : 1
      const request = { lane, holder: 'H', runId: `run-${lane}`, maxAttempts }
      if (lane.startsWith('beating') || over === 'old') {
        const held = await this.#deaf.hold(request)
        if (held.outcome !== 'granted') throw new Error(held.outcome)
        if (over === 'exited') await held.lease.beat({ exit: { code: 0, signal: null } })
        this.#holders.push(this.#write(held.lease))
        continue
      }
      // A pid that another process has by now: the one that was meant is dead.
      const process = over === 'dead' ? { ...thisProcess(), processStart: '1' } : null
      const reap = over === 'expired' ? 'required' : 'optional'
      const granted = await ledger.acquire({ ...request, process, reap })
      if (granted.outcome !== 'granted') throw new Error(granted.outcome)
      const { token } = granted.lease
      const code = disposition === 'done' ? 0 : 1
      if (over === 'exited') await ledger.heartbeat({ lane, holder: 'H', token, exit: { code, signal: null } })
    }
  }

  /** Starts reapers; each is up, and looks at nothing before `go`. */
  async reapers(names: readonly string[], steps: readonly (CrashStep | 'none')[] = []): Promise<Reapers> {
    const started = names.map((name, index) => {
      const args = [CHILD, this.at.path('ledger.db'), name, steps[index] ?? 'none']
      const child = spawn(process.execPath, args, { cwd: this.at.folder })
      this.#reapers.add(child)
      child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
      return child
    })
    await Promise.all(started.map(child => once(child.stdout, 'data')))
    return new Reapers(started)
  }

  /** Waits until nothing is left to reap. */
  async over(): Promise<void> {
    await until(async () => (await this.at.ledger.leases()).length === 0)
    await Promise.all(this.#holders)
  }

  /** What the effects noted, in order; throws where one began while another of its lane had not ended. */
  effects(): readonly Ran[] {
    const ran: Ran[] = []
    for (const [word, lane = '', key, token, disposition = ''] of this.#journal()) {
      if (word === 'holder') continue
      const open = ran.findIndex(effect => effect.lane === lane && !effect.ended)
      const effect = { lane, key: Number(key), token: Number(token), disposition }
      if (word === 'start') {
        if (open !== -1) throw new Error(`two effects of ${lane} at once: ${JSON.stringify([ran[open], effect])}`)
        ran.push({ ...effect, ended: false })
      } else ran[open] = { ...effect, ended: true }
    }
    return ran
  }

  /** Writes of holders that came after an effect of their lane had begun. */
  lateWrites(): readonly string[] {
    const begun = new Set<string>()
    const late: string[] = []
    for (const [word, lane = ''] of this.#journal()) {
      if (word === 'start') begun.add(lane)
      if (word === 'holder' && begun.has(lane)) late.push(lane)
    }
    return late
  }

  claims(lane: string): readonly RecordedEvent<'ADOPT'>[] {
    return this.at.events('ADOPT').filter(({ data }) => data.lane === lane)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#reapers) child.kill('SIGKILL')
    await this.#deaf.close()
    await this.at[Symbol.asyncDispose]()
  }

  #journal(): readonly string[][] {
    const file = this.at.path('journal')
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return text.split('\n').flatMap(line => (line === '' ? [] : [line.split(' ')]))
  }

  async #write(lease: HeldLease): Promise<void> {
    try {
      for (;;) {
        await lease.guard(() => appendFileSync(this.at.path('journal'), `holder ${lease.lane}\n`))
        await sleep(20)
      }
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error
    }
  }
}

/** Reapers that are up. */
export class Reapers {
  readonly #children: readonly ChildProcessWithoutNullStreams[]
  /** How each of them ended: the signal, or `null` for one that ended in order. */
  readonly ended: Promise<readonly (NodeJS.Signals | null)[]>

  constructor(children: readonly ChildProcessWithoutNullStreams[]) {
    this.#children = children
    this.ended = Promise.all(
      children.map(
        child => new Promise<NodeJS.Signals | null>(resolve => child.once('exit', (_, signal) => resolve(signal))),
      ),
    )
    // One that is killed closes its input.
    for (const child of children) child.stdin.on('error', () => {})
  }

  go(): void {
    for (const child of this.#children) child.stdin.write('go\n')
  }

  async stop(): Promise<readonly (NodeJS.Signals | null)[]> {
    for (const child of this.#children) child.stdin.end()
    return this.ended
  }
}
