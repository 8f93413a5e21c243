import { basename, dirname } from 'node:path'
import type { WorkTree } from '@holdfast/core'
import { parseTraceparent } from '@holdfast/core/internal'
import type { Ledger, OpenLedgerOptions, SentBefore } from '@holdfast/engine/lean'
import {
  isNamed,
  mayFound,
  openMeantStore,
  treeMeant,
  whichLedger,
  type Making,
  type RecordedRoot,
  type WhichLedger,
  type WhichLedgerQuestion,
} from '@holdfast/engine/which-ledger'
import { StoreError, type LogStore, type OpenStoreOptions } from '@holdfast/store'
import { isSeenByGit, withinDeadline } from '@holdfast/store/internal'
import type { Command } from 'commander'
import { WHY } from '@holdfast/server/text'
import { UsageError } from '../failure/usage-error.ts'
import { demandConfigurationFile } from '../input/configuration-file.ts'
import { environment, workingFolder } from '../input/environment.ts'
import { Output } from '../print/output.ts'
import { plain } from '../print/plain.ts'
import { Progress } from '../print/progress.ts'
import { shellWord } from '../print/shell-word.ts'
import { mayBeTerminal } from '../print/text-stream.ts'
import { useLocalTime } from '../print/times.ts'
// Decides about colours for every command, also where all its texts are those of the server's package.
import '../print/tone.ts'
import { checkHistory, checkMeant } from './check-meant.ts'
import { Interruption } from './interruption.ts'
import { pathOf } from './store-url.ts'
import { limitMs, timeoutMs } from './time-limit.ts'
import { TypedLine, type Globals } from './typed-line.ts'

/** Name of the ledger when none is given. */
const DEFAULT_LEDGER = 'default'

/** Names the store that the server at a socket serves. */
export type StoreAtSocket = (path: string, ledger: string) => Promise<string>

/** What of the command line this program has. */
export interface Program {
  readonly storeAtSocket?: StoreAtSocket
  /** Opens the store that is named by the address of its server. */
  readonly openRemote?: NonNullable<OpenStoreOptions['remote']>
}

/** Commands whose texts are read by others than who started them. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['serve', 'mcp'])

/** A store that is named by the socket of its server. */
const UNIX = 'unix:'

interface OpenLedgerWish {
  readonly create: boolean
  readonly evenMoved?: boolean
  /** By the file alone, whoever serves it: for a command that is over before a connection pays. */
  readonly alone?: boolean
  /** To ask once more for a command whose answer a server has lost. */
  readonly sentBefore?: SentBefore | undefined
}

/** What a command works with: the global flags, where its answer goes, and the ledger that is meant. */
export class Shell {
  readonly out = new Output()
  readonly interruption = new Interruption()
  readonly mayLookLong = true
  /** What the command ends with. */
  exitCode = 0
  /** What this command has made and somebody should know of, for an answer in JSON. People have been told. */
  readonly warnings: string[] = []
  /** The line that was typed, to suggest others by. */
  readonly typed: TypedLine
  readonly #root: Command
  readonly #storeAtSocket: StoreAtSocket | undefined
  readonly #openRemote: OpenStoreOptions['remote']
  #which: WhichLedger | undefined
  #ending: StoreError | null = null
  #workTree: { readonly known: WorkTree | null } | undefined
  #timeoutMs: number | undefined

  constructor(root: Command, args: readonly string[], { storeAtSocket, openRemote }: Program = {}) {
    this.#root = root
    this.#storeAtSocket = storeAtSocket
    this.#openRemote = openRemote
    this.typed = new TypedLine(args, () => this.globals)
  }

  get globals(): Globals {
    return this.#root.opts<Globals>()
  }

  get json(): boolean {
    return this.globals.json === true
  }

  get reason(): string | undefined {
    return this.globals.reason
  }

  /** Which ledger is meant. Looked up once, so that all of a command speaks of the same one. */
  get which(): WhichLedger {
    this.#which ??= whichLedger(this.#question())
    return this.#which
  }

  /** The same, looked up again: this command has changed what is recorded of it. */
  whichNow(): WhichLedger {
    this.#which = undefined
    this.#workTree = undefined
    return this.which
  }

  /** The git work tree that the command is called in; `null`: unknown, which counts as every tree. */
  get workTree(): WorkTree | null {
    this.#workTree ??= { known: treeMeant(this.which, this.#question().folder) }
    return this.#workTree.known
  }

  /** What is told behind the answer, and ends the command in the place of its exit code; `null`: nothing. */
  get ending(): StoreError | null {
    return this.#ending
  }

  endWith(ending: StoreError | null): void {
    this.#ending = ending
  }

  /**
   * Gives `command` its work. The number that the work answers with is the exit code. `names: 'itself'`: the work calls
   * `nameServedStore` before it asks for the ledger, for what goes wrong there has to be told in words of its own.
   */
  does(
    command: Command,
    work: (...args: never[]) => Promise<number>,
    { names = 'first' }: { readonly names?: 'first' | 'itself' } = {},
  ): void {
    command.action(async (...args: unknown[]) => {
      demandConfigurationFile(this.globals.config)
      useLocalTime(this.#tellsLocalTime(command.name()))
      // To `wait` it says how long to wait for the lane.
      this.#timeoutMs = command.name() === 'wait' ? undefined : await timeoutMs(this.globals.timeout)
      if (names === 'first') await this.nameServedStore()
      const spanMs = limitMs(command, this.#timeoutMs)
      // Commander calls with what the command declares: arguments, then its flags.
      const working = (): Promise<number> => work(...(args as never[]))
      this.exitCode = await (spanMs === null ? working() : withinDeadline(spanMs, working))
    })
  }

  /** Whoever reads a terminal sits in front of it; what a server tells goes elsewhere, whatever it was started on. */
  #tellsLocalTime(command: string): boolean {
    if (this.globals.utc === true || this.json || TOLD_ELSEWHERE.has(command)) return false
    return mayBeTerminal(1) && process.stdout.isTTY
  }

  /** `unix:PATH` names the store that the server at this socket serves: from here on, it is that store. */
  async nameServedStore(): Promise<void> {
    const named = this.globals.store ?? environment('HOLDFAST_STORE')
    if (named?.startsWith(UNIX) !== true || this.#storeAtSocket === undefined) return
    this.#root.setOptionValue('store', await this.#storeAtSocket(named.slice(UNIX.length), this.globals.ledger))
  }

  /**
   * The ledger that is meant, to be used. `create`: a first write, which makes a ledger that nobody named where none is,
   * and with `--create` one that was named. `evenMoved`: also one that continues elsewhere,
   * as `move` does, which may have a first try to finish.
   */
  async openLedger({ create, evenMoved = false, alone = false, sentBefore }: OpenLedgerWish): Promise<Ledger> {
    const { openLeanLedgerOn, openToRepeat } = await import('@holdfast/engine/lean')
    const making = create ? (this.globals.create === true ? 'always' : 'first-write') : 'never'
    const store = await this.openStore(making)
    try {
      const mayBeServed = this.globals.server !== false && !alone
      const founding = mayFound(this.which, { making, isNamed: this.globals.ledger !== DEFAULT_LEDGER })
      const options: OpenLedgerOptions = {
        ledger: this.globals.ledger,
        workTree: this.workTree,
        create: founding,
        traceparent: parseTraceparent(environment('TRACEPARENT') ?? '') ?? undefined,
        // Answers show the state that they leave.
        server: mayBeServed ? 'read-back' : false,
      }
      const ledger = await (sentBefore === undefined
        ? openLeanLedgerOn(store, options)
        : openToRepeat(store, options, sentBefore))
      const identity = { url: ledger.url, ...ledger.state }
      if (evenMoved) checkHistory(identity)
      else checkMeant(identity)
      if (ledger.made && isNamed(this.which)) this.warnIfSeenByGit(ledger.url)
      if (ledger.made && !this.json) this.out.remark(`made a new ledger ${plain(ledger.url)} (${WHY[this.which.why]})`)
      return ledger
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** The store that is meant. Somebody else may have made one that comes first while this one was made. */
  async openStore(making: Making, { record }: { readonly record?: RecordedRoot | undefined } = {}): Promise<LogStore> {
    const { store, which } = await openMeantStore(this.#question(), {
      making,
      record,
      lockDeadlineMs: this.#timeoutMs,
      remote: this.#openRemote,
    })
    const before = this.#which
    this.#which = which
    if (before === undefined || before.root === which.root || record !== undefined) return store
    await store.close()
    const message = `Somebody else has made ${plain(which.url)} at the same moment, with regions relative to ${plain(which.root)}; this command was read for ${plain(before.root)}. Nothing was done. Try again.`
    throw new StoreError('unavailable', message)
  }

  #question(): WhichLedgerQuestion {
    const { store: named } = this.globals
    if (named === '') throw new UsageError('store: it is empty; name a store, or leave --store out.')
    return { folder: folderFor(named ?? environment('HOLDFAST_STORE')), named }
  }

  /** A store that was made in a work tree, where the next commit could take it along. */
  warnIfSeenByGit(url: string): void {
    const path = pathOf(url)
    if (path === null || !isSeenByGit(path)) return
    const name = shellWord(`${basename(path)}*`)
    const text = `the new store lies in a git work tree, and \`git add -A\` would put it into the next commit: add ${name} to the .gitignore in ${plain(dirname(path))}`
    this.warn(text)
  }

  /** Says on standard error what may not be meant, and in the answer of who asks for JSON. */
  warn(text: string): void {
    this.warnings.push(text)
    if (!this.json) this.out.remark(`holdfast: ${text}`)
  }

  /** For work that may take long. Who asks for JSON is a program, and looks at no bar. */
  progress(): Progress {
    return new Progress({ quiet: this.json })
  }

  /** Ends the program at once, whatever is under way. */
  leave(code: number): never {
    process.exit(code)
  }

  /** Gives the answer in the form that was asked for. */
  async answer<T>(json: T, people: (json: T) => readonly string[]): Promise<void> {
    if (this.json) return this.out.json(json)
    for (const line of people(json)) await this.out.line(line)
  }
}

/** Who names the store needs no working folder: it may have been removed. */
function folderFor(named: string | undefined): string {
  try {
    return workingFolder()
  } catch (error) {
    if (named === undefined) throw error
    return environment('PWD') ?? '/'
  }
}
