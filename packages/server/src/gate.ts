import type { ProcessIdentity } from '@holdfast/core'
import type { ClientMessage } from '@holdfast/engine/served'
import type { ServedLedger } from './hosted-ledgers.ts'

type Request = Extract<ClientMessage, { readonly id: number }>

/** What the other side of a connection may, where it is not whoever may open the store. */
export interface Gate {
  /** Whether it may still anything. */
  readonly stands: () => boolean
  /** Rejects for a request that it may not make. */
  readonly demand: (request: Request, served: ServedLedger) => Promise<void>
  /** A command without what cannot be believed of it. */
  readonly harmless: <C extends Readonly<Record<string, unknown>>>(command: C) => C
  /** Who is recorded, of what the other side says of itself. */
  readonly actor: (claimed: ProcessIdentity | null) => ProcessIdentity
  /** Waits, streams and readings at once. */
  readonly lastingMax: number
  /** How long it may give no sign of life. */
  readonly silentMs: number
}
