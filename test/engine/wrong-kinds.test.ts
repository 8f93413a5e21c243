import * as engine from '@holdfast/engine'
import { HeldLease, Ledger } from '@holdfast/engine/internal'
import * as maintenance from '@holdfast/engine/maintenance'
import * as store from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore, prepareRestore } from '@holdfast/store/sqlite'
import { describe, expect, it } from 'vitest'

// From JavaScript anything may come. Whatever a user of the library calls first says what it wants, and never ends in the
// TypeError of a line of ours. Every public export and every method stands here: a new one is entered, or it fails.

/** What one parameter wants; with `?` it may be left out. */
type Kind = 'object' | 'object?' | 'text' | 'text?' | 'function' | 'function?' | 'duration' | 'ledger' | 'store' | 'any'

interface Row {
  readonly call: (...given: readonly unknown[]) => unknown
  readonly wants: readonly Kind[]
  /** Fitting ones, so that each parameter is the only wrong one in turn. */
  readonly fitting?: readonly unknown[]
  /** Answers by a promise, and so rejects. */
  readonly rejects?: boolean
}

const noop = (): void => undefined
const opened = await engine.openLedger('memory:', { compaction: { automatic: false } })
const open = store.openStore('memory:')
const granted = await opened.hold({ lane: 'held', holder: 'a', ttl: '1h' })
if (granted.outcome !== 'granted') throw new Error(granted.outcome)
const held = granted.lease

const WRONG: Readonly<Record<Kind, readonly unknown[]>> = {
  object: [undefined, null, 7, 'x', [], noop],
  'object?': [null, 7, 'x', [], noop],
  text: [undefined, null, 7, {}, [], noop],
  'text?': [null, 7, {}, [], noop],
  function: [undefined, null, 7, 'x', {}],
  'function?': [null, 7, 'x', {}],
  duration: [undefined, null, {}, [], noop, 7n, Symbol('x'), true, Number.NaN],
  ledger: [undefined, null, 7, 'x', {}, []],
  store: [undefined, null, 7, 'x', {}, []],
  any: [],
}

const FITTING: Readonly<Record<Kind, unknown>> = {
  object: {},
  'object?': undefined,
  text: 'x',
  'text?': undefined,
  function: noop,
  'function?': undefined,
  duration: '1s',
  ledger: opened,
  store: await open,
  any: undefined,
}

/** Calls a method by its name, however it is typed. */
function method(of: object, name: string, ...first: readonly unknown[]): Row['call'] {
  const called: unknown = Reflect.get(of, name)
  if (typeof called !== 'function') throw new Error(`there is no ${name}`)
  return (...given): unknown => Reflect.apply(called, of, [...first, ...given])
}

function made(type: new (...given: never[]) => unknown): Row['call'] {
  return (...given): unknown => Reflect.construct(type, given)
}

const rejecting = (call: Row['call'], ...wants: readonly Kind[]): Row => ({ call, wants, rejects: true })
const throwing = (call: Row['call'], ...wants: readonly Kind[]): Row => ({ call, wants })

/** What is no entry for users, and why. */
type Passed = 'takes nothing' | 'made by others, and taken from them'
const NOTHING: Passed = 'takes nothing'
const INNER: Passed = 'made by others, and taken from them'

type Table = Readonly<Record<string, Row | Passed>>

const command = (name: string, ...fitting: readonly unknown[]): Row =>
  fitting.length === 0
    ? rejecting(method(opened, name), 'object')
    : { ...rejecting(method(opened, name), 'object', 'object?'), fitting }

const LEDGER: Table = {
  now: NOTHING,
  refresh: NOTHING,
  leases: NOTHING,
  acquire: { ...rejecting(method(opened, 'acquire'), 'object', 'object?'), fitting: [{ lane: 'x', holder: 'a' }] },
  hold: command('hold'),
  heartbeat: command('heartbeat', { lane: 'none', holder: 'a', token: 0 }),
  release: command('release', { lane: 'none', holder: 'a', token: 0 }),
  adopt: command('adopt', { lane: 'none', newHolder: 'b', expectToken: 0 }),
  holdAdopted: command('holdAdopted', { lane: 'none', newHolder: 'b', expectToken: 0 }),
  scavenge: command('scavenge', { lane: 'none', token: 0 }),
  halt: command('halt', { handle: 'x' }),
  spawn: command('spawn', { lane: 'x', holder: 'a' }),
  withdraw: command('withdraw', { holder: 'a', requestId: 'r' }),
  write: command('write', { holder: 'a', paths: ['x'] }),
  configure: { ...rejecting(method(opened, 'configure'), 'object', 'text?'), fitting: [opened.config] },
  repair: { ...rejecting(method(opened, 'repair'), 'duration', 'text?'), fitting: [1] },
  checkpoint: rejecting(method(opened, 'checkpoint'), 'object?'),
  check: { ...rejecting(method(opened, 'check'), 'text', 'duration'), fitting: ['x', 1] },
  countedTimes: { ...throwing(method(opened, 'countedTimes'), 'object'), fitting: [held.lease, 0] },
  listen: throwing(method(opened, 'listen'), 'function'),
  close: NOTHING,
}

const HELD: Table = {
  beat: rejecting(method(held, 'beat'), 'object?'),
  activity: rejecting(method(held, 'activity'), 'text', 'object'),
  guard: rejecting(method(held, 'guard'), 'function'),
  release: rejecting(method(held, 'release'), 'text?'),
  abandon: NOTHING,
  observe: INNER,
  observePending: INNER,
  enactHalt: NOTHING,
}

const sink = engine.callbackSink(noop)

const ENGINE: Table = {
  formatDuration: INNER,
  parseDuration: { ...throwing(method(engine, 'parseDuration'), 'duration'), fitting: ['1s', 'ttl'] },
  beats$: throwing(method(engine, 'beats$'), 'object'),
  callbackSink: throwing(method(engine, 'callbackSink'), 'function'),
  fileSink: throwing(method(engine, 'fileSink'), 'text', 'object?'),
  Heartbeat: { ...throwing(made(engine.Heartbeat), 'object'), fitting: [{ sink }] },
  HeartbeatError: INNER,
  heartbeatPolicy: throwing(method(engine, 'heartbeatPolicy'), 'object?'),
  leaseSink: { ...throwing(method(engine, 'leaseSink'), 'object'), fitting: [held] },
  isAlive: rejecting(method(engine, 'isAlive'), 'text', 'object?'),
  readBeat: rejecting(method(engine, 'readBeat'), 'text', 'object?'),
  LeaseLostError: INNER,
  InputError: INNER,
  StoreError: INNER,
  openLedger: { ...rejecting(method(engine, 'openLedger'), 'text?', 'object?'), fitting: ['memory:'] },
  openLedgerOn: rejecting(method(engine, 'openLedgerOn'), 'store', 'object?'),
  AutoCompaction: { ...throwing(made(engine.AutoCompaction), 'ledger', 'object'), fitting: [opened] },
  compactLedger: rejecting(method(engine, 'compactLedger'), 'ledger', 'object?'),
  PresenceError: INNER,
  PresenceScanner: throwing(made(engine.PresenceScanner), 'text', 'object?'),
  presenceSink: throwing(method(engine, 'presenceSink'), 'text', 'object?'),
  presence$: { ...throwing(method(engine, 'presence$'), 'object', 'object?'), fitting: [{ scan: noop }] },
  identify: INNER,
  thisProcess: NOTHING,
  systemProbe: INNER,
  changedFiles: throwing(method(engine, 'changedFiles'), 'object'),
  gatherProgress: INNER,
  gitCommits: throwing(method(engine, 'gitCommits'), 'object'),
  logEvents: throwing(method(engine, 'logEvents'), 'object'),
  runChild: rejecting(method(engine, 'runChild'), 'ledger', 'object'),
  commandEffect: throwing(method(engine, 'commandEffect'), 'object'),
  commandGate: throwing(method(engine, 'commandGate'), 'object'),
  commandNotice: throwing(method(engine, 'commandNotice'), 'object'),
  Reaper: { ...throwing(made(engine.Reaper), 'ledger', 'object'), fitting: [opened, { holder: 'r' }] },
  spinningJudge: throwing(method(engine, 'spinningJudge'), 'object'),
}

const MAINTENANCE: Table = {
  checkMovable: { ...rejecting(method(maintenance, 'checkMovable'), 'ledger', 'text', 'function?') },
  compactLedger: rejecting(method(maintenance, 'compactLedger'), 'ledger', 'object?'),
  checkJournal: rejecting(method(maintenance, 'checkJournal'), 'text', 'function?'),
  importDosJournal: rejecting(method(maintenance, 'importDosJournal'), 'store', 'text', 'any', 'object?'),
  exportLineJsonSchema: NOTHING,
  exportArchive: rejecting(method(maintenance, 'exportArchive'), 'store', 'text'),
  exportLedger: rejecting(method(maintenance, 'exportLedger'), 'store', 'text'),
  checkExport: rejecting(method(maintenance, 'checkExport'), 'text', 'function?'),
  importHoldfast: rejecting(method(maintenance, 'importHoldfast'), 'store', 'text', 'text', 'function?'),
  moveLedger: rejecting(method(maintenance, 'moveLedger'), 'ledger', 'store', 'object?'),
  whereItLeads: rejecting(method(maintenance, 'whereItLeads'), 'text'),
  restoreBackup: rejecting(method(maintenance, 'restoreBackup'), 'text', 'text', 'object?'),
}

const STORE: Table = {
  systemBootClock: NOTHING,
  commitByAppend: INNER,
  StoreError: INNER,
  followHistory: INNER,
  openStore: { ...rejecting(method(store, 'openStore'), 'text', 'object?'), fitting: ['memory:'] },
  readHistory: INNER,
}

const ADAPTERS: Table = {
  openSqliteStore: rejecting(openSqliteStore as Row['call'], 'object'),
  openMemoryStore: throwing(openMemoryStore as Row['call'], 'object?'),
  openEventStoreDbStore: rejecting(openEventStoreDbStore as Row['call'], 'object'),
  prepareRestore: rejecting(prepareRestore as Row['call'], 'object'),
}

const methodsOf = (type: { readonly prototype: object }): readonly string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name)

const callableIn = (module: object): readonly string[] =>
  Object.entries(module)
    .filter(([, value]) => typeof value === 'function')
    .map(([name]) => name)

describe.each([
  ['Ledger', LEDGER, methodsOf(Ledger)],
  ['HeldLease', HELD, methodsOf(HeldLease)],
  ['@holdfast/engine', ENGINE, callableIn(engine)],
  ['@holdfast/engine/maintenance', MAINTENANCE, callableIn(maintenance)],
  ['@holdfast/store', STORE, callableIn(store)],
  ['adapters of @holdfast/store', ADAPTERS, Object.keys(ADAPTERS)],
])('%s', (_, table, names) => {
  it('has each of its entries in the table', () => {
    expect(Object.keys(table).sort()).toEqual([...names].sort())
  })

  const rows = Object.entries(table).flatMap(([name, row]) => (typeof row === 'string' ? [] : [[name, row] as const]))
  it.each(rows)('%s names what it was given instead of what it wants', async (_name, row) => {
    for (const [index, kind] of row.wants.entries()) {
      for (const wrong of WRONG[kind]) {
        const given = row.wants.map((wanted, at) => (at === index ? wrong : (row.fitting?.[at] ?? FITTING[wanted])))
        const shown = `parameter ${index} is ${String(wrong)} (${typeof wrong})`
        const error = await errorOf(() => row.call(...given), { atOnce: row.rejects !== true })
        expect(isRefusal(error), `${shown}: ${String(error)}`).toBe(true)
      }
    }
  })
})

it.each<readonly [string, () => unknown]>([
  ['a claim', () => opened.acquire({ lane: 'x', holder: 'a', allOf: [null as never] })],
  ['a lane', () => opened.acquire({ lane: 'x', holder: 'a', anyOf: [null as never] })],
  ['children', () => opened.acquire({ lane: 'x', holder: 'a', children: 7 as never })],
  ['predicates', () => opened.acquire({ lane: 'x', holder: 'a' }, { predicates: 7 as never })],
  ['a signal', () => opened.acquire({ lane: 'x', holder: 'a' }, { wait: '1s', signal: 7 as never })],
  ['onRefused', () => opened.acquire({ lane: 'x', holder: 'a' }, { wait: '1s', onRefused: 7 as never })],
  ['an activity', () => opened.heartbeat({ lane: 'x', holder: 'a', token: 1, activity: 7 as never })],
  ['a command', () => engine.runChild(opened, { hold: { lane: 'x', holder: 'a' }, command: null as never })],
  ['what to hold', () => engine.runChild(opened, { hold: null as never, command: ['true'] })],
  ['a sink', () => new engine.Heartbeat({ sink: null as never })],
  ['metadata', () => new engine.Heartbeat({ sink, metadata: null as never })],
  ['a policy', () => new engine.Heartbeat({ sink, policy: 7 as never })],
  ['a callback', () => new engine.Heartbeat({ sink, onBeat: 7 as never })],
  ['a target', () => new engine.Heartbeat({ sink, target: {} as never })],
  ['timers', () => new engine.AutoCompaction(opened, { timers: null as never })],
  ['what to keep', () => engine.compactLedger(opened, { keepLast: null as never })],
  ['a folder', () => engine.openLedger(undefined, { folder: 7 as never })],
  ['a clock', () => engine.openLedger('memory:', { clock: 7 as never })],
  ['whether to make it', () => engine.openLedger('memory:', { create: 'nevr' as never })],
  ['a token', () => engine.openLedger('http://127.0.0.1:1', { token: 7 as never })],
  ['a token of nothing', () => engine.openLedger('http://127.0.0.1:1', { token: null as never })],
  ['a token where none is needed', () => engine.openLedger('memory:', { token: {} as never })],
  ['the name of a ledger', () => engine.openLedger('memory:', { ledger: null as never })],
  ['the log of a memory store', () => openMemoryStore({ log: 7 as never })],
])('%s of the wrong kind inside a request is named', async (_, call) => {
  const error = await errorOf(call, { atOnce: null })
  expect(isRefusal(error), String(error)).toBe(true)
})

it('nothing of all this was written', async () => {
  expect((await opened.leases()).map(({ lane }) => lane)).toEqual(['held'])
})

/** What a call ends with; a promise must not be left for an error that is thrown at once. */
async function errorOf(call: () => unknown, { atOnce }: { readonly atOnce: boolean | null }): Promise<unknown> {
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    return atOnce === false ? `thrown at once: ${String(error)}` : error
  }
  if (atOnce === true) return 'not thrown'
  try {
    if (isGenerator(answer)) await answer.next()
    else await answer
  } catch (error) {
    return error
  }
  return 'not rejected'
}

function isGenerator(answer: unknown): answer is AsyncGenerator {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

function isRefusal(error: unknown): boolean {
  return error instanceof engine.InputError || (error instanceof store.StoreError && error.code === 'invalid')
}
