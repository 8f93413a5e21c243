import { randomUUID } from 'node:crypto'
import { DEFAULT_CONFIGURATION, type Configuration, type ProcessIdentity, type WorkTree } from '@holdfast/core'
import { tracedActor } from '@holdfast/core/internal'
import { loadLedger } from '@holdfast/projections'
import {
  openStore,
  StoreError,
  systemBootClock,
  type BootClock,
  type LogStore,
  type OpenStoreOptions,
} from '@holdfast/store'
import { continuesAt } from '@holdfast/store/internal'
import { checkOptions, checkStore, type OptionKind } from '../check-given.ts'
import { systemTimers, type Timers } from '../clock/timers.ts'
import { checkedTraceparent, checkTraceable } from '../pipeline/checked-traceparent.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { WatchedFold } from '../pipeline/watched-fold.ts'
import { thisProcess } from '../process/identity.ts'
import { probeStreaks } from '../process/probe-streaks.ts'
import { systemProbe, type ProcessProbe } from '../process/probe.ts'
import { checkLedgerId, noSuchLedger } from '../which-ledger/not-meant.ts'
import { mayFound, openMeantStore } from '../which-ledger/open-meant-store.ts'
import { treeMeant } from '../which-ledger/which-ledger.ts'
import { Ledger } from './ledger.ts'
import type { LedgerParts } from './ledger-parts.ts'
import { commandOf } from '../pipeline/requests.ts'
import type { ServerWish } from '../served/find-server.ts'
import type { ServerLink } from '../served/link.ts'
import { DECIDED_ELSEWHERE, decidesElsewhere } from '../served/decided-elsewhere.ts'
import { LookingCommands } from '../served/looking-commands.ts'
import { isAnnounced } from '../served/place.ts'
import { isRemoteUrl } from '../served/remote-url.ts'
import type { SentBefore } from '../served/sent-before.ts'

/** Name of the ledger when none is given. */
export const DEFAULT_LEDGER = 'default'

/** Gives a connection to a server of the ledger that is opened; `null`: there is none now. */
export type FindServer = (wish: Omit<ServerWish, 'store'>) => Promise<ServerLink | null>

/** Whether store and ledger are made where they are not there. */
export type Create = boolean | 'always' | 'never'

export interface OpenLedgerOptions extends Omit<OpenStoreOptions, 'create'> {
  /**
   * `always` (or true), the default for a URL that is given: whoever wrote it down is taken at their word, so a mistyped
   * one makes another ledger, which excludes nobody from this one. `never` (or false): `no-ledger` instead. Without a URL
   * the default is what a command's first write does: a ledger that nobody named is made in its place, one that
   * HOLDFAST_STORE names must be there.
   */
  readonly create?: Create | undefined
  /** Without a URL: the folder from which a ledger is looked for; default the working folder. */
  readonly folder?: string | undefined
  /** One store holds several ledgers; default `default`. */
  readonly ledger?: string | undefined
  /** Configuration of a ledger that is made now; default `DEFAULT_CONFIGURATION`. One that exists keeps its own. */
  readonly config?: Configuration | undefined
  /** The process that acts; default this one. */
  readonly actor?: ProcessIdentity | null | undefined
  /** A W3C `traceparent`: the trace that everything this ledger object does belongs to, recorded with the events. */
  readonly traceparent?: string | undefined
  /**
   * The git work tree that requests are made in, where they name none. Default: without a URL that of the folder, else
   * unknown, which counts as every tree.
   */
  readonly workTree?: WorkTree | null | undefined
  /** Commands that may wait at once before they are answered `queue-full`. */
  readonly queueMax?: number | undefined
  /**
   * Whether commands go through a server of this store, where one runs (default true). What it decides is what this process
   * would; with a `probe` of one's own, this process decides. `read-back`: and the state is read on through each answer.
   * A function gives the connection itself.
   */
  readonly server?: boolean | 'read-back' | FindServer | undefined
  /**
   * For `http://HOST:PORT` and `https://HOST`: the token, `holdfast.NAME.SECRET`. Default HOLDFAST_TOKEN, then the file that
   * HOLDFAST_TOKEN_FILE names.
   */
  readonly token?: string | undefined
  readonly timers?: Timers | undefined
  readonly probe?: ProcessProbe | undefined
}

/**
 * Opens a ledger: the one at `url`, or without one the ledger that the command line would mean in this folder
 * (HOLDFAST_STORE, else what the repository or folder has; see docs/which-ledger.md). `create` says what is made.
 *
 * Rejects with a `StoreError`: `no-ledger` for a store or ledger that is not there and may not be made, `unavailable` (a
 * `.git` that points nowhere too), `corrupt`, `foreign` (another application's file, another ledger's log; without a URL
 * also one that HOLDFAST_LEDGER_ID does not mean), `moved` (without a URL), `ledger-newer`, `clock-mismatch`, `invalid`
 * (unknown scheme); with an `InputError` for options of another kind.
 */
export async function openLeanLedger(url?: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  return openMeant(url, options, (store, on) => openLeanLedgerOn(store, on))
}

/** What an opener is given; who reads the rest looks at it. */
const OPTIONS = {
  create: [true, false, 'always', 'never'],
  folder: 'text',
  ledger: 'text',
  actor: 'object-or-null',
  workTree: 'object-or-null',
  queueMax: 'number',
  token: 'text',
  timers: 'object',
  probe: 'function',
  bootClock: 'object',
} as const satisfies Partial<Record<keyof OpenLedgerOptions, OptionKind>>

/** Opens the store that is meant, and then the ledger in it. */
export async function openMeant<L extends Ledger, O extends OpenLedgerOptions>(
  url: string | undefined,
  options: O,
  open: (store: LogStore, options: O) => Promise<L>,
): Promise<L> {
  checkOptions(options, OPTIONS)
  if (typeof url === 'string' && url.startsWith(UNIX)) return openAtSocket(url.slice(UNIX.length), options, open)
  if (typeof url === 'string' && isRemoteUrl(url)) return openRemote(url, options, open)
  if (url !== undefined) return openOn(await openStore(url, storeOptions(options)), options, open)
  const { create, folder = process.cwd(), ledger } = options
  const making = create === undefined ? 'first-write' : mayCreate(create) ? 'always' : 'never'
  const named = process.env['HOLDFAST_STORE'] ?? ''
  if (isRemoteUrl(named)) return theMeant(await openRemote(named, options, open))
  const question = { folder, named: await servedAt(named, ledger) }
  const { store, which } = await openMeantStore(question, { ...storeOptions(options), making })
  const founding = mayFound(which, { making, isNamed: ledger !== undefined && ledger !== DEFAULT_LEDGER })
  const { workTree = treeMeant(which, folder) } = options
  return theMeant(await openOn(store, { ...options, workTree, create: founding }, open))
}

/** A ledger that nobody named by its URL, if it is the one that is meant and continues here; else it is closed. */
async function theMeant<L extends Ledger>(opened: L): Promise<L> {
  try {
    checkLedgerId(opened)
    const { movedTo } = opened.state
    if (movedTo !== null) throw continuesAt(opened.url, movedTo)
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** A server at a socket that is named: `unix:PATH`. */
const UNIX = 'unix:'

/** The store that the server at a socket serves, where a socket is named. Rejects with `unavailable` where none answers. */
async function servedAt(named: string, ledger: string = DEFAULT_LEDGER): Promise<string | undefined> {
  if (!named.startsWith(UNIX)) return undefined
  const { storeAtSocket } = await import('../served/at-socket.ts')
  return (await storeAtSocket(named.slice(UNIX.length), { ledger })).store
}

/** The ledger that a server at a socket serves. Rejects with `unavailable` where none answers. */
async function openAtSocket<L extends Ledger, O extends OpenLedgerOptions>(
  path: string,
  options: O,
  open: (store: LogStore, options: O) => Promise<L>,
): Promise<L> {
  const { storeAtSocket } = await import('../served/at-socket.ts')
  const { store, server } = await storeAtSocket(path, { ...options, ledger: options.ledger ?? DEFAULT_LEDGER })
  const opened = await openStore(store, { ...storeOptions(options), create: false })
  return openOn(opened, { ...options, create: 'never', server }, open)
}

/** The ledger behind a server by HTTP, as long as the token is good. Nothing is made there. */
async function openRemote<L extends Ledger, O extends OpenLedgerOptions>(
  url: string,
  options: O,
  open: (store: LogStore, options: O) => Promise<L>,
): Promise<L> {
  const { openRemoteStore } = await import('../served/remote-store.ts')
  return openOn(openRemoteStore(url, options), { ...options, create: 'never' }, open)
}

async function openOn<L extends Ledger, O extends OpenLedgerOptions>(
  store: LogStore,
  options: O,
  open: (store: LogStore, options: O) => Promise<L>,
): Promise<L> {
  try {
    return await open(store, options)
  } catch (error) {
    await store.close()
    throw error
  }
}

function storeOptions({ create, ...options }: OpenLedgerOptions): OpenStoreOptions {
  return { ...options, create: mayCreate(create) }
}

function mayCreate(create: Create | undefined): boolean {
  return create !== false && create !== 'never'
}

/** Opens a ledger on a store that is open already. The ledger closes the store with itself. */
export async function openLeanLedgerOn(store: LogStore, options: OpenLedgerOptions = {}): Promise<Ledger> {
  return openWith(store, options, parts => new Ledger(parts))
}

/** The same, to ask once more for a command whose answer a server has lost. It is decided here, and nothing else is asked. */
export async function openToRepeat(
  store: LogStore,
  options: OpenLedgerOptions,
  sentBefore: SentBefore,
): Promise<Ledger> {
  return openWith(store, { ...options, server: false }, parts => {
    // In another ledger it was not done, and its history says nothing of it.
    const isSame = parts.fold.state.ledgerId === sentBefore.ledgerId
    return new Ledger(isSame ? { ...parts, sentBefore } : parts)
  })
}

/** Loads or founds the ledger and hands what it consists of to `make`. */
export async function openWith<L extends Ledger>(
  store: LogStore,
  options: OpenLedgerOptions,
  make: (parts: LedgerParts) => L,
): Promise<L> {
  checkStore(store)
  checkOptions(options, OPTIONS)
  const { ledger: stream = DEFAULT_LEDGER, timers = systemTimers, probe = systemProbe, queueMax } = options
  const boot: BootClock = options.bootClock ?? systemBootClock()
  const process = options.actor === undefined ? thisProcess() : options.actor
  const traceparent = checkedTraceparent(options)
  if (traceparent !== undefined) checkTraceable(process)
  let made = false
  const fold = new WatchedFold(await loadLedger(store, stream), { boot, store })
  const parts = {
    store,
    stream,
    fold,
    boot,
    timers,
    actor: tracedActor(process, traceparent),
    process,
    workTree: options.workTree ?? null,
    queueMax,
    probe: (processes: readonly ProcessIdentity[], count: number) => probeStreaks(processes, { probe, timers, count }),
  }
  if (fold.after === 'none') {
    if (!mayCreate(options.create)) throw noSuchLedger(store.url, stream)
    made = await found(parts, options.config ?? DEFAULT_CONFIGURATION)
  }
  if (fold.state.foreign || fold.state.ledgerId === null) {
    const message = `The log ${stream} at ${store.url} does not begin with a ledger's genesis, or holds another ledger's events. Check --store and --ledger.`
    throw new StoreError('foreign', message)
  }
  const through = await throughServer({ ...parts, made }, options)
  return make({ ...parts, made, through })
}

/**
 * The way through the server of this ledger, if there is one; else one that looks for it later. Where nobody serves the store,
 * a look costs one `lstat`.
 */
async function throughServer(parts: LedgerParts, options: OpenLedgerOptions): Promise<LedgerParts['through']> {
  const { server, probe } = options
  const { store } = parts
  // There is no store to go by instead.
  if (decidesElsewhere(store)) return store[DECIDED_ELSEWHERE](parts, { readsBack: server === 'read-back' })
  const { url } = store
  if (server === false) return undefined
  const isGiven = typeof server === 'function'
  // A memory store is nobody else's, so that it is served by nobody who was not given.
  if (!isGiven && (probe !== undefined || url.startsWith('memory:'))) return undefined
  const mayBeThere = () => isGiven || isAnnounced(url)
  const find = () => foundServer(parts, options)
  const through = mayBeThere() ? await find() : undefined
  return through ?? (own => new LookingCommands(own, { boot: parts.boot, mayBeThere, find }))
}

async function foundServer(parts: LedgerParts, { server }: OpenLedgerOptions): Promise<LedgerParts['through']> {
  const { ledgerId } = parts.fold.state
  if (ledgerId === null) return undefined
  const [{ findServer }, { ServedCommands }] = await Promise.all([
    import('../served/find-server.ts'),
    import('../served/served-commands.ts'),
  ])
  const wish = { ledger: parts.stream, ledgerId, actor: parts.actor, timers: parts.timers }
  const isGiven = typeof server === 'function'
  const find = () => (isGiven ? server(wish) : findServer({ ...wish, store: parts.store.url }))
  const link = await find()
  if (link === null) return undefined
  return own => new ServedCommands(own, parts, { link, find, readsBack: server === 'read-back' })
}

/** Begins the ledger, and says whether it was this call that did: somebody else may be faster. */
async function found(parts: Omit<LedgerParts, 'made'>, config: Configuration): Promise<boolean> {
  const pipeline = new Pipeline(parts)
  const command = commandOf(config, { type: 'found', ledgerId: randomUUID(), config })
  const outcome = await pipeline.submit<'found'>(command)
  await pipeline.close()
  return outcome.outcome === 'founded' && outcome.created
}
