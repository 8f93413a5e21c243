import type { DrainingJson, HaltJson } from '@holdfast/projections'
import { plain } from './plain.ts'
import { endAt, instant } from './times.ts'
import { tone } from './tone.ts'

/** A whole ledger that drains: until when, and the one way round it. */
export function restoredLine({ until }: Pick<DrainingJson, 'until'>, nowMs: number): string {
  return `${tone.warn('draining')}  the whole ledger, which was restored from a backup: nothing is granted until ${endAt(Date.parse(until), nowMs)}; \`holdfast restore FILE --move-aside --force\` skips that if nobody believes in a grant of the lost history`
}

/** A stop intent that a lease has still to obey. */
export function haltLine({ revision, leaseId, handle, haltedAt, status, reason }: HaltJson, nowMs: number): string {
  const why = reason === '' ? '' : `: ${plain(reason)}`
  const when = instant(Date.parse(haltedAt), nowMs)
  return `${tone.warn('halt')}  ${plain(leaseId ?? '')} was asked to stop ${when}, r${revision} (${plain(handle)}${why}); ${status}`
}
