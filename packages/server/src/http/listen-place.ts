import { InputError } from '@holdfast/engine'
import { isLoopback } from './allowed-hosts.ts'
import type { AtPlace } from '../answers/schemas/at-ledger.ts'
import type { HookDoor } from './hook-door.ts'
import type { McpDoor } from './mcp-door.ts'

export interface HttpListen {
  /** `HOST:PORT`; the port 0 takes any that is free. */
  readonly listen: string
  /** Lets it listen where others than this host reach it, without TLS in front. */
  readonly insecure?: boolean | undefined
  /** Names under which a proxy in front is asked. */
  readonly hostNames?: readonly string[] | undefined
  /** The folder of the page; absent: none is built. */
  readonly page?: string | undefined
  readonly metrics?: (() => Promise<string>) | undefined
  /** Loads what answers the Model Context Protocol at `/mcp`; absent: nothing does. */
  readonly mcp?: (() => Promise<McpDoor>) | undefined
  /** Loads what answers the hooks of agents; absent: nothing does. */
  readonly hooks?: (() => Promise<HookDoor>) | undefined
  /** Why this ledger is meant, and what regions are relative to. */
  readonly place?: Omit<AtPlace, 'store'> | undefined
  /** How long the head of a request may take; for tests. */
  readonly headWithinMs?: number | undefined
  /** How long a connection that was upgraded may give no sign of life; for tests. */
  readonly silentMs?: number | undefined
  /** How long an answer may take to be read; for tests. */
  readonly takeWithinMs?: number | undefined
}

/** Reads `HOST:PORT` and `[ADDRESS]:PORT`. Throws an `InputError`, also for a place that others reach. */
export function listenPlace({ listen, insecure = false }: HttpListen): {
  readonly host: string
  readonly port: number
} {
  const {
    bare,
    bracketed,
    port: digits,
  } = /^(?:\[(?<bracketed>[\da-f:.]+)\]|(?<bare>[^:\s]+)):(?<port>\d{1,5})$/i.exec(listen)?.groups ?? {}
  const host = bracketed ?? bare
  const port = Number(digits)
  if (host === undefined || !(port <= 65_535)) {
    throw new InputError([{ path: 'listen', message: `${JSON.stringify(listen)} is no place; write 127.0.0.1:7878` }])
  }
  if (insecure || isLoopback(host)) return { host, port }
  const message = `${host} can be reached from other hosts, and tokens would go over the wire as they are; listen at 127.0.0.1 behind a proxy that has TLS, or say --insecure-listen`
  throw new InputError([{ path: 'listen', message }])
}
