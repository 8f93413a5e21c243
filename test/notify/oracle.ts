import { isExpired, type EpochMs, type LogEntry } from '@holdfast/core'
import { LedgerFold } from '@holdfast/projections'
import { haltViews } from '@holdfast/projections/internal'
import { LOOKS_IN_A_ROW } from '../../packages/server/src/notify/causes.ts'
import type { Sight } from '../../packages/server/src/notify/conditions.ts'
import { REFUSED_AGAIN_WITHIN_MS } from '../../packages/server/src/notify/refusals.ts'
import { SETTINGS } from './history.ts'
import { SPAN_MS } from './watcher.ts'

/** What the log and time show until `nowMs`, looked for from the whole log at every instant at which anything changed. */
export function shownByLog(log: readonly LogEntry[], nowMs: EpochMs): ReadonlySet<string> {
  const found = new Set<string>()
  const fold = new LedgerFold()
  const lookAt = (atMs: EpochMs): void => {
    for (const lease of fold.state.leases.values()) {
      if (isExpired(lease, atMs)) found.add(`expired ${lease.leaseId}@${lease.token} ${lease.expiresAtMs}`)
    }
    for (const halt of haltViews(fold.state, atMs, SETTINGS.haltOverdueMs)) {
      if (halt.status === 'overdue') found.add(`halt r${halt.revision} ${halt.haltedAtMs}`)
    }
  }
  for (const entry of log) {
    lookAt(entry.recordedAt)
    if (entry.type === 'SCAVENGE' || entry.type === 'ADOPT') {
      const lease = fold.state.leases.get(entry.data.leaseId)
      const isWork = lease?.claim === null
      const isLoss = entry.type === 'SCAVENGE' ? entry.data.cause !== 'exited' : entry.data.ground !== 'exited'
      if (isWork && isLoss) found.add(`lost r${entry.revision} ${entry.recordedAt}`)
    }
    fold.absorb([entry])
  }
  lookAt(nowMs)
  return new Set([...found, ...refusedLong(log, nowMs)])
}

interface Chain {
  readonly first: LogEntry
  readonly lastMs: number
  readonly untilMs: number
}

function refusedLong(log: readonly LogEntry[], nowMs: number): readonly string[] {
  return ['H', 'I'].flatMap(holder => ['a', 'b'].flatMap(lane => refusedOn(log, { holder, lane, nowMs })))
}

function refusedOn(
  log: readonly LogEntry[],
  { holder, lane, nowMs }: { readonly holder: string; readonly lane: string; readonly nowMs: number },
): readonly string[] {
  const found: string[] = []
  let chain: Chain | null = null
  for (const entry of log) {
    const atMs = entry.recordedAt
    if (entry.type === 'ACQUIRE' && entry.data.holder === holder && entry.data.lane === lane) {
      found.push(...reached(chain, atMs))
      chain = null
    }
    if (entry.type !== 'REFUSE') continue
    const { request, code, ticket } = entry.data
    if (request.op !== 'acquire' || request.holder !== holder || request.claims?.[0]?.lane !== lane) continue
    found.push(...reached(chain, atMs))
    const next: Chain = { first: entry, lastMs: atMs, untilMs: ticket === undefined ? atMs : atMs + ticket.ttlMs }
    chain = code === 'withdrawn' ? givenUp(chain, atMs) : after(chain, next)
  }
  return [...found, ...reached(chain, nowMs)]
}

function reached(chain: Chain | null, atMs: number): readonly string[] {
  if (chain === null) return []
  const { first, lastMs, untilMs } = chain
  const refusedMs = Math.max(lastMs, Math.min(atMs, untilMs)) - first.recordedAt
  return refusedMs >= SPAN_MS ? [`refused r${first.revision} ${first.recordedAt}`] : []
}

function givenUp(chain: Chain | null, atMs: number): Chain | null {
  return chain === null ? null : { ...chain, untilMs: Math.min(chain.untilMs, atMs) }
}

function after(chain: Chain | null, next: Chain): Chain {
  return chain === null || isOver(chain, next.lastMs) ? next : { ...next, first: chain.first }
}

function isOver({ lastMs, untilMs }: Chain, atMs: number): boolean {
  return atMs > Math.max(lastMs, untilMs) + REFUSED_AGAIN_WITHIN_MS
}

/** How many spells the looks show of each verdict: `yes` in enough looks in a row begins one, a look without it ends it. */
export function shownByLooks(seen: readonly (Sight | 'start')[]): ReadonlyMap<string, number> {
  const spells = new Map<string, number>()
  const state = new Map<string, { isOpen: boolean; row: number; isSilence: boolean; beatMs: number }>()
  for (const sight of seen) {
    if (sight === 'start') {
      for (const one of state.values()) one.row = 0
      continue
    }
    const now = new Map<string, Seen>(sight.leases.flatMap(lease => verdictsOf(lease, sight)))
    for (const key of new Set([...now.keys(), ...state.keys()])) {
      const one = state.get(key) ?? { isOpen: false, row: 0, isSilence: false, beatMs: -1 }
      state.set(key, one)
      const { is = 'no', isSilence = false, beatMs = one.beatMs } = now.get(key) ?? {}
      // A beat in between ends a silence, whether anybody looked or not.
      if (beatMs > one.beatMs && one.isSilence) {
        one.isOpen = false
        one.row = 0
      }
      one.beatMs = beatMs
      if (is === 'no' || (is === 'doubt' && !one.isOpen && key.startsWith('orphan'))) {
        one.isOpen = false
        one.row = 0
      } else if (is === 'doubt' && key.startsWith('stalled') && (!one.isOpen || one.isSilence)) {
        one.isOpen = false
        one.row = 0
      } else if (is === 'yes' && !one.isOpen) {
        one.row += 1
        one.isSilence = isSilence
        if (one.row < LOOKS_IN_A_ROW) continue
        Object.assign(one, { isOpen: true, row: 0 })
        spells.set(key, (spells.get(key) ?? 0) + 1)
      }
    }
  }
  return spells
}

type Is = 'yes' | 'no' | 'doubt'

interface Seen {
  readonly is: Is
  readonly isSilence: boolean
  readonly beatMs: number
}

function verdictsOf(lease: Sight['leases'][number], { idle }: Sight): readonly (readonly [string, Seen])[] {
  const key = `${lease.leaseId}@${lease.token}`
  const beatMs = lease.evidence.nowMs - (lease.evidence.heartbeatAgeMs ?? 0)
  const isUnknown = lease.process === 'unknown'
  const work = idle.get(lease.leaseId)
  const spins: Is = lease.verdict !== 'SPINNING' || work === 'no' ? 'no' : work === 'yes' ? 'yes' : 'doubt'
  const stalls: Is = lease.verdict === 'STALLED' ? 'yes' : isUnknown ? 'doubt' : 'no'
  const orphaned: Is = lease.process === 'dead' && lease.children.includes('alive') ? 'yes' : isUnknown ? 'doubt' : 'no'
  return [
    [`spinning ${key}`, { is: spins, isSilence: false, beatMs }],
    [`stalled ${key}`, { is: stalls, isSilence: lease.basis !== 'process-gone', beatMs }],
    [`orphan ${key}`, { is: orphaned, isSilence: false, beatMs }],
  ]
}
