import {
  CommandId,
  EpochMs,
  EventId,
  LedgerId,
  type ConfigurationInput,
  type Evidence,
  type Probe,
  type ProcessIdentity,
} from '@holdfast/core'
import { processKey } from '@holdfast/core/internal'

export type Config = ConfigurationInput

export const LEDGER_ID = LedgerId.parse('00000000-0000-4000-8000-00000000cafe')

/** Times of the schedules: TTL 9, grace 3, activity cap 40. */
export const SMALL: Config = {
  ttlDefaultMs: 9,
  ttlCeilingMs: 20,
  graceMs: 3,
  orphanGraceMs: 6,
  activityCapMs: 40,
  ticketTtlMs: 10,
  refusalWindowMs: 5,
  requestMemoryMs: 50,
  finalisationGraceMs: 4,
  probeCount: 2,
  ageCeilingMs: 30,
  clockStepBoundMs: 5,
}

/** Work trees of the schedules; `null`: unknown. */
export const MAIN_TREE = { id: 'main', path: '/repo' }
export const LINKED_TREE = { id: 'worktrees/wt', path: '/wt' }
export const TREES = [null, MAIN_TREE, LINKED_TREE] as const

export function atMs(ms: number): EpochMs {
  return EpochMs.parse(ms)
}

let ids = 0

function uuid(version: 4 | 5): string {
  ids += 1
  return `00000000-0000-${version}000-8000-${ids.toString(16).padStart(12, '0')}`
}

export function nextCommandId(): CommandId {
  return CommandId.parse(uuid(4))
}

export function nextEventId(): EventId {
  return EventId.parse(uuid(5))
}

export function processOf(pid: number, host = 'h1'): ProcessIdentity {
  return { host, bootId: 'boot', pidNamespace: 'ns', pid, processStart: '1' }
}

export const dead = (consecutiveDead = 2): Probe => ({ status: 'dead', consecutiveDead })
export const ALIVE: Probe = { status: 'alive', consecutiveDead: 0 }
export const UNKNOWN: Probe = { status: 'unknown', consecutiveDead: 0 }

export function probed(...found: readonly (readonly [ProcessIdentity, Probe])[]): Evidence {
  return { probes: new Map(found.map(([process, probe]) => [processKey(process), probe])) }
}
