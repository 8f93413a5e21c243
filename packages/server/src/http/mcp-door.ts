import type { AtPlace } from '../answers/schemas/at-ledger.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import type { Grant } from '../tokens/rights.ts'

/** Answers the Model Context Protocol. Made by another package, and only where somebody asks for it. */
export interface McpDoor {
  readonly fetch: (request: Request, asked: McpAsked) => Promise<Response>
  readonly close: () => Promise<void>
}

/** Who asks, and for which ledger. */
export interface McpAsked {
  readonly grant: Grant
  /** The holder that the client says it is. */
  readonly holder: string | null
  readonly ledger: string
  readonly served: () => Promise<ServedLedger>
  readonly gone: AbortSignal
  readonly place: Omit<AtPlace, 'store'>
  readonly lasting: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  readonly failed: (error: unknown) => void
}
