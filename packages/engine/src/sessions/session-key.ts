import { createHash } from 'node:crypto'
import { thisHost } from '../process/identity.ts'
import type { SessionId } from '../write-guard/read-event.ts'

/**
 * What tells a session from all others. The host belongs to it: an id that comes from two hosts, as from a copied folder,
 * is two sessions, for two may work under it at once.
 */
export interface SessionKey extends SessionId {
  /** The name of the agent's protocol. */
  readonly agent: string
  readonly host: string
}

export function sessionKey(agent: string, id: SessionId): SessionKey {
  return { agent, ...id, host: thisHost().host }
}

/** Names a session in file names. */
export function keyText({ agent, session, subagent, host }: SessionKey): string {
  return digest(JSON.stringify([agent, session, subagent, host]))
}

/** A short text for a long one: 128 bits, as hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
