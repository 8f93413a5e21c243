import type { BootClock } from './boot-clock.ts'
import { StoreError } from './errors.ts'
import type { LogStore } from './port.ts'
import { openSqliteStore } from './sqlite.ts'

export interface OpenStoreOptions {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Default: this machine's. */
  readonly bootClock?: BootClock | undefined
  /** How long a write may wait for its turn before it fails as `unavailable`. */
  readonly lockDeadlineMs?: number | undefined
  /** Whether a store that is not there is made; default true. */
  readonly create?: boolean | undefined
}

type Opener = (rest: string, options: OpenStoreOptions) => Promise<LogStore>

/** How each scheme is opened. All adapters but the one that nearly everybody uses load when they are first asked for. */
const OPENERS: ReadonlyMap<string, { readonly form: string; readonly open: Opener }> = new Map([
  ['sqlite', { form: 'sqlite:PATH', open: openSqlite }],
  ['memory', { form: 'memory:', open: openMemory }],
  ['esdb', { form: 'esdb://HOST:PORT', open: openEventStoreDb('esdb') }],
  ['esdb+discover', { form: 'esdb+discover://HOST:PORT', open: openEventStoreDb('esdb+discover') }],
])

/** Opens the store that a URL names. Throws `invalid` for a scheme that is not known; never repeats a URL's secrets. */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<LogStore> {
  const colon = url.indexOf(':')
  const scheme = colon < 0 ? '' : url.slice(0, colon).toLowerCase()
  const opener = OPENERS.get(scheme)
  if (opener === undefined) {
    const forms = [...OPENERS.values()].map(({ form }) => form).join(', ')
    const what =
      colon < 0 ? 'The store URL has no scheme' : `The store scheme ${JSON.stringify(scheme.slice(0, 32))} is not known`
    throw new StoreError('invalid', `${what}. Known: ${forms}.`)
  }
  return opener.open(url.slice(colon + 1), options)
}

async function openSqlite(path: string, options: OpenStoreOptions): Promise<LogStore> {
  return openSqliteStore({ ...options, path })
}

async function openMemory(rest: string, { clock }: OpenStoreOptions): Promise<LogStore> {
  if (rest !== '') throw new StoreError('invalid', 'A memory store has no name: write `memory:`.')
  const { openMemoryStore } = await import('./memory.ts')
  return openMemoryStore({ clock })
}

function openEventStoreDb(scheme: string): Opener {
  return async (rest, { bootClock, lockDeadlineMs }) => {
    const { openEventStoreDbStore } = await import('./eventstoredb.ts')
    return openEventStoreDbStore({ url: `${scheme}:${rest}`, bootClock, patienceMs: lockDeadlineMs })
  }
}
