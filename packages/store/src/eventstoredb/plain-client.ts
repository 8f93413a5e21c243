import { EventStoreDBClient } from '@eventstore/db-client'
import type { ConnectionSettings, Host } from './connection-settings.ts'

/** Longest wait for the rest of a discovery round; the calls' own deadlines are shorter. */
const DISCOVERY = { discoveryInterval: 100, maxDiscoverAttempts: 20, gossipTimeout: 2 } as const

const KEEP_ALIVE_INTERVAL_MS = 10_000
const KEEP_ALIVE_TIMEOUT_MS = 5_000

let connections = 0

/**
 * The client, with two of its defects shut out.
 *
 * It appends by the plain call only. The batch path, which the client prefers, has no deadline, keeps its pending
 * appends in a module-global (so one dead server fails the appends of clients of healthy ones, and a late answer ends
 * the process), reports failures as raw errors or wrong revisions, and sends deadlines as wall-clock times.
 *
 * It can be closed: `dispose` alone leaves the connection open.
 */
export class PlainClient extends EventStoreDBClient {
  #channel: Promise<{ close(): void }> | null = null

  constructor(settings: ConnectionSettings) {
    super(...clientOptions(settings))
    const open = this.getChannel
    this.getChannel = () => {
      const channel = open()
      this.#channel = channel
      return channel
    }
    this.supports = () => Promise.resolve(false)
  }

  /** Cancels what is under way and closes the connection. */
  async close(): Promise<void> {
    const disposed = this.dispose()
    this.abandon()
    await disposed
  }

  /** Closes the connection once what is under way has ended by itself. */
  abandon(): void {
    this.#channel?.then(
      channel => channel.close(),
      () => undefined,
    )
    this.#channel = null
  }
}

function clientOptions(settings: ConnectionSettings): ConstructorParameters<typeof EventStoreDBClient> {
  const { insecure, credentials, rootCertificate, userCertificate } = settings
  const [host] = settings.hosts
  if (host === undefined) throw new Error('a connection string names at least one host')
  connections += 1
  const options = {
    throwOnAppendFailure: true,
    // Channels whose options are equal share one connection: a fresh number keeps a new one off a line that went dead.
    keepAliveInterval: (settings.keepAliveIntervalMs ?? KEEP_ALIVE_INTERVAL_MS) + connections,
    keepAliveTimeout: settings.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS,
    ...(settings.connectionName === undefined ? {} : { connectionName: settings.connectionName }),
  }
  const security = {
    insecure,
    ...(rootCertificate === undefined ? {} : { rootCertificate }),
    ...(userCertificate === undefined
      ? {}
      : { userCertFile: userCertificate.certificate, userKeyFile: userCertificate.key }),
  }
  // The three forms are overloads of one constructor, which takes no union of them.
  const where = settings.discover
    ? { ...DISCOVERY, discover: host }
    : settings.hosts.length > 1
      ? { ...DISCOVERY, endpoints: [...settings.hosts] }
      : { endpoint: host }
  return [{ ...options, ...(where as { endpoint: Host }) }, security, credentials]
}
