import { randomUUID } from 'node:crypto'
import { DEFAULT_CONFIGURATION, type Configuration, type ProcessIdentity, type WorkTree } from '@holdfast/core'
import { loadLedger } from '@holdfast/projections'
import {
  openStore,
  StoreError,
  systemBootClock,
  type BootClock,
  type LogStore,
  type OpenStoreOptions,
} from '@holdfast/store'
import { systemTimers, type Timers } from '../clock/timers.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { WatchedFold } from '../pipeline/watched-fold.ts'
import { thisProcess } from '../process/identity.ts'
import { probeStreaks } from '../process/probe-streaks.ts'
import { systemProbe, type ProcessProbe } from '../process/probe.ts'
import { Ledger, type LedgerParts } from './ledger.ts'
import { commandOf } from './requests.ts'

/** Name of the ledger when none is given. */
export const DEFAULT_LEDGER = 'default'

export interface OpenLedgerOptions extends OpenStoreOptions {
  /** One store holds several ledgers; default `default`. */
  readonly ledger?: string | undefined
  /** Configuration of a ledger that is made now; default `DEFAULT_CONFIGURATION`. One that exists keeps its own. */
  readonly config?: Configuration | undefined
  /** The process that acts; default this one. */
  readonly actor?: ProcessIdentity | null | undefined
  /** The git work tree that requests are made in, where they name none; default unknown, which counts as every tree. */
  readonly workTree?: WorkTree | null | undefined
  /** Commands that may wait at once before they are answered `queue-full`. */
  readonly queueMax?: number | undefined
  readonly timers?: Timers | undefined
  readonly probe?: ProcessProbe | undefined
}

/**
 * Opens a ledger, and makes store and ledger at their first use (unless `create` is false).
 *
 * Rejects with a `StoreError`: `unavailable`, `corrupt`, `foreign` (another application's file, another ledger's log),
 * `ledger-newer`, `clock-mismatch`, `invalid` (unknown scheme, a ledger that is not there and may not be made).
 */
export async function openLedger(url: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  const store = await openStore(url, options)
  try {
    return await openLedgerOn(store, options)
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Opens a ledger on a store that is open already. The ledger closes the store with itself. */
export function openLedgerOn(store: LogStore, options: OpenLedgerOptions = {}): Promise<Ledger> {
  return openWith(store, options, parts => new Ledger(parts))
}

/** Loads or founds the ledger and hands what it consists of to `make`. */
export async function openWith<L extends Ledger>(
  store: LogStore,
  options: OpenLedgerOptions,
  make: (parts: LedgerParts) => L,
): Promise<L> {
  const { ledger: stream = DEFAULT_LEDGER, timers = systemTimers, probe = systemProbe, queueMax } = options
  const boot: BootClock = options.bootClock ?? systemBootClock()
  const actor = options.actor === undefined ? thisProcess() : options.actor
  const fold = new WatchedFold(await loadLedger(store, stream), { boot, store })
  const parts: LedgerParts = {
    store,
    stream,
    fold,
    boot,
    timers,
    actor,
    workTree: options.workTree ?? null,
    queueMax,
    probe: (processes: readonly ProcessIdentity[], count: number) => probeStreaks(processes, { probe, timers, count }),
  }
  if (fold.after === 'none') {
    if (options.create === false) {
      throw new StoreError('invalid', `There is no ledger ${stream} at ${store.url}; make it with \`holdfast init\`.`)
    }
    await found(parts, options.config ?? DEFAULT_CONFIGURATION)
  }
  if (fold.state.foreign || fold.state.ledgerId === null) {
    const message = `The log ${stream} at ${store.url} does not begin with a ledger's genesis, or holds another ledger's events. Check --store and --ledger.`
    throw new StoreError('foreign', message)
  }
  return make(parts)
}

async function found(parts: LedgerParts, config: Configuration): Promise<void> {
  const pipeline = new Pipeline(parts)
  const command = commandOf(config, { type: 'found', ledgerId: randomUUID(), config })
  await pipeline.submit<'found'>(command)
  await pipeline.close()
}
