import type { Timers } from '@holdfast/engine'
import type { StoreError } from '@holdfast/store'
import type { AtPlace } from '../answers/schemas/at-ledger.ts'
import type { HostedLedgers } from '../hosted-ledgers.ts'
import type { Log } from '../log.ts'
import type { BadTokens } from '../tokens/bad-tokens.ts'
import type { PageSessions } from '../tokens/page-sessions.ts'
import type { TokenStore } from '../tokens/token-store.ts'
import type { AllowedHosts } from './allowed-hosts.ts'
import type { HookDoor } from './hook-door.ts'
import type { McpDoor } from './mcp-door.ts'
import type { Lasting } from './lasting.ts'

/** What the HTTP door works with. */
export interface HttpParts {
  /** The store's URL. */
  readonly url: string
  readonly ledgers: Pick<HostedLedgers, 'of' | 'all' | 'listed'>
  /** Aborts when no more commands are taken. */
  readonly closing: AbortSignal
  readonly timers: Timers
  readonly log: Log
  readonly version: string
  readonly hosts: AllowedHosts
  readonly tokens: TokenStore
  readonly badTokens: BadTokens
  readonly sessions: PageSessions
  readonly lasting: Lasting
  /** Why this ledger is meant, and what regions are relative to. */
  readonly place: Omit<AtPlace, 'store'>
  readonly slowReaderMs: number
  /** How long an answer that is no stream may take to be read. */
  readonly takeWithinMs: number
  /** The folder of the page; `null`: none is built. */
  readonly page: string | null
  /** What `/metrics` says, in Prometheus' format. */
  readonly metrics: (() => Promise<string>) | null
  /** Loads what answers the Model Context Protocol; `null`: nothing does. */
  readonly mcp: (() => Promise<McpDoor>) | null
  /** Loads what answers the hooks of agents; `null`: nothing does. */
  readonly hooks: (() => Promise<HookDoor>) | null
  /** Told when the store is another one now. */
  readonly replaced: (error: StoreError) => void
}
