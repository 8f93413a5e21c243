import { hash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BesideStore } from './beside/beside-store.ts'
import { systemBootClock, type BootClock } from './boot-clock.ts'
import { checkOptions, checkText } from './check-given.ts'
import { parseConnectionString, type ConnectionSettings } from './eventstoredb/connection-settings.ts'
import { EsdbStore } from './eventstoredb/esdb-store.ts'
import { Link } from './eventstoredb/link.ts'
import { Server } from './eventstoredb/server.ts'
import { ServerClock } from './eventstoredb/server-clock.ts'
import type { LogStore } from './port.ts'
import { SnapshotFile } from './sqlite/snapshot-file.ts'

/** How long one call may go without an answer. */
const CALL_DEADLINE_MS = 5_000

/** How long one operation takes at most, all that it asks of the server included; a new leader's election takes about 5 s. */
const DEADLINE_MS = 15_000

/** How long a subscription stays quiet about a server that is out of reach. */
const SUBSCRIPTION_PATIENCE_MS = 30_000

/** How often a quiet subscription is probed. */
const PROBE_MS = 5_000

export interface EventStoreDbOptions {
  /** `esdb://[USER:PASSWORD@]HOST:PORT[,…][?tls=false]` or `esdb+discover://…`; TLS unless `tls=false`. */
  readonly url: string
  /** Default: this machine's. */
  readonly bootClock?: BootClock | undefined
  readonly callDeadlineMs?: number | undefined
  /** How long one operation takes at most; default 15 s. */
  readonly deadlineMs?: number | undefined
  /** How long it goes on with one call of it that fails; default as long as the operation takes. */
  readonly patienceMs?: number | undefined
  readonly subscriptionPatienceMs?: number | undefined
  readonly probeMs?: number | undefined
  /** Where folded states are kept; `null`: nowhere. Default: the user's cache folder. */
  readonly snapshotFolder?: string | null | undefined
}

const OPTIONS = {
  bootClock: 'object',
  callDeadlineMs: 'number',
  patienceMs: 'number',
  subscriptionPatienceMs: 'number',
  probeMs: 'number',
} as const

/**
 * A log on EventStoreDB (23.10 or later): for many hosts, and replicated where the URL names a cluster. Connects at its
 * first use.
 *
 * Promises the whole port by optimistic concurrency: whatever decides is read from the leader, an append of unknown
 * outcome is repeated with the same ids at the same place until it is known, subscriptions go on after the last entry
 * given. Does not promise that `recordedAt` follows any wall clock closely: it is the leader's, and a new leader's may
 * differ.
 *
 * Throws `invalid` for an address that cannot be read. Operations reject with a `StoreError`: `unavailable` (out of
 * reach, no majority, wrong user or password, closed), `timeout-unknown-outcome`, `corrupt` (rolled back, truncated or
 * deleted behind our back), `foreign` (events of another program), `ledger-newer`, `invalid`. No error, and nothing
 * else, repeats the user or the password.
 */
export async function openEventStoreDbStore(options: EventStoreDbOptions): Promise<LogStore> {
  checkOptions(options, OPTIONS)
  checkText(options.url, 'The store URL')
  const settings = parseConnectionString(options.url)
  const closing = new AbortController()
  const server = new Server({
    link: new Link(settings, options.callDeadlineMs ?? settings.callDeadlineMs ?? CALL_DEADLINE_MS),
    clock: new ServerClock(options.bootClock ?? systemBootClock()),
    shownUrl: settings.shownUrl,
    patienceMs: options.patienceMs ?? options.deadlineMs ?? DEADLINE_MS,
    closed: closing.signal,
  })
  const folder = options.snapshotFolder === undefined ? defaultFolder(settings) : options.snapshotFolder
  const store = new EsdbStore({
    server,
    closing,
    probeMs: options.probeMs ?? PROBE_MS,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    subscriptionPatienceMs: options.subscriptionPatienceMs ?? SUBSCRIPTION_PATIENCE_MS,
    snapshots: ledgerAt =>
      folder === null
        ? null
        : new SnapshotFile(
            folder,
            async (stream, revision) => (await ledgerAt(stream).stream.pointAt(revision))?.eventId,
          ),
  })
  return new BesideStore(store)
}

function defaultFolder({ hosts }: ConnectionSettings): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const names = hosts.map(({ address, port }) => `${address}:${port}`).toSorted((a, b) => a.localeCompare(b))
  return join(cache, 'holdfast', `esdb-${hash('sha256', names.join(',')).slice(0, 16)}`)
}
