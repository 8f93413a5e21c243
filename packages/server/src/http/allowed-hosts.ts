import { isIP } from 'node:net'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const HOST = /^(?<name>\[[\da-f:.]+\]|[^:@/\s]+)(?::(?<port>\d{1,5}))?$/i

export interface Bound {
  readonly host: string
  readonly port: number
  /** Names under which a proxy in front is asked. */
  readonly names: readonly string[]
}

/** Whether only processes of this host reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * Under which names the server may be asked. A web page that has its own name lead to this address (DNS rebinding) asks under
 * that name, and gets nothing.
 */
export class AllowedHosts {
  #bound: Bound

  constructor(bound: Bound) {
    this.#bound = bound
  }

  /** The port is known once it listens. */
  listensAt(port: number): void {
    this.#bound = { ...this.#bound, port }
  }

  /** Whether a `Host` header names this server. */
  isHost(header: string | undefined): boolean {
    const { name, port } = HOST.exec(header ?? '')?.groups ?? {}
    if (name === undefined) return false
    const lower = name.toLowerCase()
    if (this.#isNamed(lower)) return true
    if (Number(port ?? 80) !== this.#bound.port) return false
    const { host } = this.#bound
    if (isLoopback(host)) return LOOPBACK_NAMES.has(lower) || lower === host
    // An address is nobody's name: what leads to it is not up to a page.
    return LOOPBACK_NAMES.has(lower) || isIP(lower.replace(/^\[|\]$/g, '')) !== 0
  }

  /** Whether an `Origin` header is that of the page that this server serves under this host. */
  isOrigin(origin: string, host: string | undefined): boolean {
    if (!this.isHost(host)) return false
    const name = HOST.exec(host ?? '')?.groups?.['name']?.toLowerCase() ?? ''
    return origin === `http://${host}` || (this.#isNamed(name) && origin === `https://${host}`)
  }

  #isNamed(name: string): boolean {
    return this.#bound.names.some(allowed => allowed.toLowerCase() === name)
  }
}
