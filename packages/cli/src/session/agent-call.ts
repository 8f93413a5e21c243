import type { DocumentHook, GuardSettings, HookDocument } from '@holdfast/engine/write-guard'

/** What a hook call of an agent's session is answered from. */
export interface AgentCall {
  readonly hook: HookDocument
  readonly shape: DocumentHook
  /** The name of the agent's protocol. */
  readonly agent: string
  readonly policy: GuardSettings
  /** A holder that the user has set, in the place of the session's own name. */
  readonly holder: string | undefined
  readonly token: string | undefined
  readonly root: string | undefined
  /** Judges the write alone, by a ledger that can be read and not be opened for more. */
  readonly otherwise: () => Promise<number>
}
