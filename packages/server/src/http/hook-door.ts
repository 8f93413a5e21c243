import type { HostedLedger } from '@holdfast/engine/served'
import type { ProcessIdentity } from '@holdfast/core'

/** Answers the hooks of agents. Made by another package, and only where an agent asks. */
export interface HookDoor {
  /** What the agent is answered: JSON of its protocol. Whatever goes wrong is a refusal, and none is thrown. */
  readonly answer: (asked: HookAsked) => Promise<object>
  /** The answer that refuses, in the agent's protocol, with why. */
  readonly refuse: (agent: string, why: string) => object
}

export interface HookAsked {
  readonly agent: string
  /** The document, as it came. */
  readonly document: string
  readonly hosted: HostedLedger
  /** Recorded with what the call writes. */
  readonly actor: ProcessIdentity
  /** A holder that was set, in the place of the session's own name. */
  readonly holder: string | null
  readonly failed: (error: unknown) => void
}
