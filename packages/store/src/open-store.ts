import type { BootClock } from './boot-clock.ts'
import { checkOptions, checkText } from './check-given.ts'
import { StoreError } from './errors.ts'
import type { LogStore } from './port.ts'
import { openSqliteStore, sqliteUrl } from './sqlite.ts'

export interface OpenStoreOptions {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Default: this machine's. */
  readonly bootClock?: BootClock | undefined
  /** How long a write may wait for its turn, and any operation for a server, before it fails as `unavailable`. */
  readonly lockDeadlineMs?: number | undefined
  /** Whether a store that is not there is made; default true. */
  readonly create?: boolean | undefined
  /** Opens what `http:` and `https:` name: a store behind its server. Absent: these schemes are not known. */
  readonly remote?: ((url: string, options: OpenStoreOptions) => Promise<LogStore>) | undefined
  /** A SQLite store: called with its path before it is made, when its folder is there. What it throws keeps it from being made. */
  readonly onMaking?: ((path: string) => void) | undefined
}

interface Adapter {
  /** For people who write one. */
  readonly form: string
  readonly open: (rest: string, options: OpenStoreOptions) => Promise<LogStore>
  /** The URL that the opened store goes by. */
  readonly shownUrl: (rest: string) => Promise<string>
}

/** One for each scheme. All but the one that nearly everybody uses load when they are first asked for. */
const ADAPTERS: ReadonlyMap<string, Adapter> = new Map([
  ['sqlite', { form: 'sqlite:PATH', open: openSqlite, shownUrl: async rest => sqliteUrl(rest) }],
  ['memory', { form: 'memory:', open: openMemory, shownUrl: async () => MEMORY_URL }],
  ['esdb', eventStoreDb('esdb', 'esdb://HOST:PORT')],
  ['esdb+discover', eventStoreDb('esdb+discover', 'esdb+discover://HOST:PORT')],
])

const MEMORY_URL = 'memory:'

/** Opens the store that a URL names. Throws `invalid` for a scheme that is not known and options of another kind; never repeats a URL's secrets. */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<LogStore> {
  if (typeof url === 'string' && /^https?:/i.test(url) && options.remote !== undefined)
    return options.remote(url, options)
  const { adapter, rest } = adapterOf(url)
  // Each adapter looks at those that it takes.
  checkOptions(options, {})
  return adapter.open(rest, options)
}

/** The URL that such a store goes by once it is open (`LogStore.url`). Opens and makes nothing. Throws `invalid`. */
export async function storeUrlOf(url: string): Promise<string> {
  const { adapter, rest } = adapterOf(url)
  return adapter.shownUrl(rest)
}

function adapterOf(url: string): { readonly adapter: Adapter; readonly rest: string } {
  checkText(url, 'The store URL')
  const colon = url.indexOf(':')
  const scheme = colon < 0 ? '' : url.slice(0, colon).toLowerCase()
  const adapter = ADAPTERS.get(scheme)
  if (adapter !== undefined) return { adapter, rest: url.slice(colon + 1) }
  const forms = [...ADAPTERS.values()].map(({ form }) => form).join(', ')
  const meant = `sqlite:${url.slice(0, 200)}`
  const what =
    colon < 0
      ? `The store URL ${JSON.stringify(url.slice(0, 200))} has no scheme; for a file, write ${JSON.stringify(meant)}`
      : `The store scheme ${JSON.stringify(scheme.slice(0, 32))} is not known`
  throw new StoreError('invalid', `${what}. Known: ${forms}.`)
}

async function openSqlite(path: string, options: OpenStoreOptions): Promise<LogStore> {
  return openSqliteStore({ ...options, path })
}

async function openMemory(rest: string, { clock }: OpenStoreOptions): Promise<LogStore> {
  if (rest !== '') throw new StoreError('invalid', 'A memory store has no name: write `memory:`.')
  const { openMemoryStore } = await import('./memory.ts')
  return openMemoryStore({ clock })
}

function eventStoreDb(scheme: string, form: string): Adapter {
  return {
    form,
    open: async (rest, { bootClock, lockDeadlineMs }) => {
      const { openEventStoreDbStore } = await import('./eventstoredb.ts')
      return openEventStoreDbStore({ url: `${scheme}:${rest}`, bootClock, deadlineMs: lockDeadlineMs })
    },
    shownUrl: async rest => {
      const { parseConnectionString } = await import('./eventstoredb/connection-settings.ts')
      return parseConnectionString(`${scheme}:${rest}`).shownUrl
    },
  }
}
