import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { SessionFiles } from '@holdfast/engine/sessions'
import { GUARD_DEFAULTS, readHook, type GuardSettings } from '@holdfast/engine/write-guard'
import { Configuration, type ConfigurationInput } from '@holdfast/core'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import type { AgentCall } from '../../packages/cli/src/session/agent-call.ts'
import { writtenBy } from '../../packages/cli/src/input/written-by.ts'
import { judgeEdit } from '../../packages/cli/src/session/judge-edit.ts'
import { keepUp } from '../../packages/cli/src/session/keep-up.ts'
import { SessionNews } from '../../packages/cli/src/session/tell-news.ts'
import { trespassesFor } from '../../packages/cli/src/session/trespass-news.ts'
import { noteEdit } from '../../packages/cli/src/session/note-edit.ts'
import { watchLeft, watchShell } from '../../packages/cli/src/session/watch-shell.ts'
import { whoWorks } from '../../packages/cli/src/session/who-works.ts'
import { VirtualTime } from '../setup/virtual-time.ts'
import { shapeOf, type Agent } from './recorded.ts'

/** What a hook call of a session came to. */
export interface Called {
  readonly name: string
  /** `null`: no edit was asked about. */
  readonly permitted: boolean | null
  readonly bases: readonly string[]
  readonly claimed: readonly string[]
  readonly told: readonly string[]
  readonly why: readonly string[] | null
}

export const MINUTE_MS = 60_000

/** Sessions of one agent on one log, whose calls are made in this process; each opens the ledger anew, as a process does. */
export class Fleet implements AsyncDisposable {
  readonly time = new VirtualTime()
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-sessions-')))
  readonly files: SessionFiles | null
  readonly #log: MemoryLog
  readonly #beside: string
  readonly #database: string
  readonly #policy: GuardSettings
  readonly #config: ConfigurationInput

  readonly #isOnDisk: boolean

  /** `onDisk`: the ledger is a file of SQLite, as on a machine; else it is in memory, which is as exact and quicker. */
  constructor({
    policy = {},
    config = {},
    onDisk = false,
  }: { policy?: Partial<GuardSettings>; config?: ConfigurationInput; onDisk?: boolean } = {}) {
    this.#isOnDisk = onDisk
    this.#log = new MemoryLog(this.time.wall)
    this.#policy = { ...GUARD_DEFAULTS, unclaimed: 'claim', ...policy }
    this.#config = config
    const database = join(this.folder, 'store', 'ledger.db')
    mkdirSync(dirname(database))
    writeFileSync(database, '')
    this.#database = database
    this.#beside = `sqlite:${database}`
    this.files = SessionFiles.beside(this.#beside)
  }

  async ledger(): Promise<Ledger> {
    const { timers, boot, wall } = this.time
    const path = join(this.folder, 'store', 'log.db')
    const store = this.#isOnDisk
      ? await openSqliteStore({ path, clock: wall, bootClock: boot })
      : openMemoryStore({ clock: wall, log: this.#log })
    return openLedgerOn(store, { config: Configuration.parse(this.#config), timers, bootClock: boot })
  }

  async with<T>(work: (ledger: Ledger) => Promise<T>): Promise<T> {
    await using ledger = await this.ledger()
    return await work(ledger)
  }

  /** One hook call. `holder`: what the user has set. */
  async call(session: string, event: string, more: object = {}, holder?: string): Promise<Called> {
    await using ledger = await this.ledger()
    return await this.callOn(ledger, { session_id: session, hook_event_name: event, cwd: this.folder, ...more }, holder)
  }

  /** The same on a ledger that was opened before: by then others may have gone on. */
  async callOn(
    ledger: Ledger,
    document: object,
    holder?: string,
    { agent = 'claude-code', tree = this.folder }: { agent?: Agent; tree?: string } = {},
  ): Promise<Called> {
    const shape = shapeOf(agent)
    const hook = readHook(shape, JSON.stringify(document))
    const call: AgentCall = {
      hook,
      shape,
      agent,
      policy: this.#policy,
      holder,
      token: undefined,
      root: undefined,
      otherwise: () => Promise.reject(new Error('the ledger is open')),
    }
    const worker = whoWorks(ledger, this.files, call)
    const { isOver } = await keepUp(ledger, worker, call)
    const which = {
      url: 'memory:',
      root: tree,
      why: 'option',
      others: [],
      surrounding: [],
      exists: true,
      workTree: null,
    } as const
    const surroundings = { which, workTree: null, globals: { ledger: 'default' } }
    const written = await writtenBy(hook, { root: tree, directory: process.cwd() })
    const isWrite = written !== null && written.paths.length + written.trees.length > 0
    // What is kept beside a ledger lies beside a file, and that of this log is nowhere.
    const beside = { which: { ...which, url: this.#beside }, workTree: null }
    if (hook.shell === null || hook.seen.kind !== 'after-tool') {
      const fault = await watchLeft(beside, ledger, { worker, call })
      if (fault !== null) throw new Error(fault)
    }
    const edit = isWrite ? await judgeEdit(surroundings, ledger, worker, call, written) : null
    const isRefused = edit !== null && !edit.answer.permitted
    const isBefore = hook.request.asks === 'writes'
    if (hook.shell === null && !isRefused && (isBefore || hook.seen.kind === 'after-tool')) {
      const about = { database: this.#database, root: this.folder, holder: worker.name, call: hook.call }
      const fault = noteEdit(about, isBefore ? written : null)
      if (fault !== null) throw new Error(fault)
    }
    if (hook.shell !== null && !isRefused) {
      const fault = await watchShell(beside, ledger, { worker, call, written })
      if (fault !== null) throw new Error(fault)
    }
    const nowMs = await ledger.now()
    const trespasses = trespassesFor(this.#beside, worker.name, nowMs)
    const room = isRefused ? 'one' : hook.seen.tells === undefined ? 'none' : 'all'
    const news = new SessionNews(ledger, worker, { nowMs, claims: true, room, trespasses })
    news.keep(this.files, { isOver })
    return {
      name: worker.name,
      permitted: edit?.answer.permitted ?? null,
      bases: edit?.answer.paths.map(({ basis }) => basis) ?? [],
      claimed: edit?.claimed ?? [],
      told: news.lines,
      why: edit?.why ?? null,
    }
  }

  edit(session: string, path: string, more: object = {}): Promise<Called> {
    return this.call(session, 'PreToolUse', { tool_name: 'Edit', tool_input: { file_path: path }, ...more })
  }

  shell(session: string, command: string, more: object = {}): Promise<Called> {
    return this.call(session, 'PreToolUse', { tool_name: 'Bash', tool_input: { command }, ...more })
  }

  /** The lanes that are held, each with its holder. */
  held(): Promise<readonly string[]> {
    return this.with(async ledger => (await ledger.leases()).map(({ lane, holder }) => `${lane} ${holder}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true })
    return Promise.resolve()
  }
}
