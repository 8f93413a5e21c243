import type { Command, OutcomeOf } from '@holdfast/core'
import { StoreError } from '@holdfast/store'
import type { QueueFull } from '../pipeline/queue-full.ts'

/** The commands that a server decides for others. The rest are operators', rare, and go by the store. */
export const SERVED = {
  acquire: ['granted', 'refused', 'ended', 'blocked', 'queue-full'],
  withdraw: ['withdrawn', 'blocked', 'queue-full'],
  heartbeat: ['beaten', 'not-held', 'stale-token', 'blocked', 'queue-full'],
  release: ['released', 'drained', 'not-held', 'stale-token', 'refused', 'blocked', 'queue-full'],
  adopt: ['adopted', 'not-held', 'stale-token', 'refused', 'blocked', 'queue-full'],
  scavenge: ['scavenged', 'not-held', 'stale-token', 'refused', 'blocked', 'queue-full'],
  halt: ['recorded', 'blocked', 'queue-full'],
  spawn: ['recorded', 'blocked', 'queue-full'],
} as const satisfies Partial<{
  readonly [T in Command['type']]: readonly (OutcomeOf[T] | QueueFull)['outcome'][]
}>

export type ServedType = keyof typeof SERVED

export function isServed(type: string): type is ServedType {
  return Object.hasOwn(SERVED, type)
}

/**
 * The outcome of a command as a server gave it. The server runs this very code and has said so in its hello: what it
 * gives is looked at by its word alone.
 */
export function outcomeOf<T extends ServedType>(type: T, given: unknown): OutcomeOf[T] | QueueFull {
  if (isOutcomeOf(type, given)) return given
  throw new StoreError('timeout-unknown-outcome', `The server answered a ${type} with something else. Read back.`)
}

function isOutcomeOf<T extends ServedType>(type: T, given: unknown): given is OutcomeOf[T] | QueueFull {
  if (typeof given !== 'object' || given === null || !('outcome' in given)) return false
  const words: readonly string[] = SERVED[type]
  return typeof given.outcome === 'string' && words.includes(given.outcome)
}
