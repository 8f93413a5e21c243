import type { Blocker, Lease } from '@holdfast/core'
import { LEDGER_DRAIN } from '@holdfast/core/internal'
import { plain } from '@holdfast/server/text'
import type { InTheWay } from './told.ts'

/** Globs of one lease that a short answer names. */
const GLOBS_NAMED_MAX = 4

/** A time as a model can say it: whole seconds, UTC. */
export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((atMs - nowMs) / 1000))
}

/** What a lease covers. */
export function coversOf({ region, lane }: Pick<Lease, 'region' | 'lane'>): string {
  if (region.length === 0) return `the lane ${plain(lane)} alone`
  const named = region.slice(0, GLOBS_NAMED_MAX).map(plain).join(' ')
  return region.length > GLOBS_NAMED_MAX ? `${named} and ${region.length - GLOBS_NAMED_MAX} more` : named
}

/** One thing in the way, as data. */
export function inTheWay({ leaseId, lane, holder, witness, until }: Blocker): InTheWay {
  const lease = leaseId ?? lane
  return {
    ...(holder === undefined ? {} : { holder }),
    ...(lease === undefined ? {} : { lease }),
    ...(witness === undefined ? {} : { path: witness }),
    ...(until === undefined ? {} : { until: timeOf(until) }),
  }
}

/** The same in words. */
export function blockerWords(blocker: Blocker): string {
  if (blocker.lane === LEDGER_DRAIN.lane && blocker.holder === LEDGER_DRAIN.holder) {
    return 'the whole ledger was restored from a backup, and grants nothing for a while'
  }
  const { holder, lease, path, until } = inTheWay(blocker)
  const who = holder === undefined ? 'somebody' : plain(holder)
  const verb =
    blocker.ticket === undefined ? (blocker.code === 'draining' ? 'may still use' : 'holds') : 'waits in line for'
  const covers = path === undefined ? '' : ` (${plain(path)})`
  const end = until === undefined ? '' : ` until ${until} at the latest, unless it is renewed`
  return `${who} ${verb} ${plain(lease ?? 'it')}${covers}${blocker.ticket === undefined ? end : ''}`
}
