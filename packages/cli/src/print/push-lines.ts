import type { TypedLine } from '../program/typed-line.ts'
import type { GuardAnswer } from '../schemas/guard.ts'
import { isLedgerDrain } from './guard-advice.ts'
import { plain } from './plain.ts'
import { clock, endAt, expiry } from './times.ts'

type Push = Extract<GuardAnswer, { readonly guard: 'push' }>
type Refused = Push['paths'][number]

/** Files that are told of one by one. */
const TOLD_MAX = 10

/** Enough of a commit's id to be found by. */
const SHORT = 10

/** Why a push is refused, and how it goes on; nothing where it is not. */
export function pushLines(
  { permitted, paths }: Push,
  { nowMs, typed }: { readonly nowMs: number; readonly typed: TypedLine },
): readonly string[] {
  const [first] = paths
  if (permitted || first === undefined) return []
  const more = paths.length - TOLD_MAX
  const holder = plain(first.holder)
  const wait = typed.call('wait', [first.lane], {}, typed.placeFlags())
  const isDrain = isLedgerDrain(first)
  return [
    ...paths.slice(0, TOLD_MAX).map(each => `holdfast guard: ${sentence(each, nowMs)}`),
    ...(more > 0 ? [`holdfast guard: and ${more} more files`] : []),
    isDrain
      ? 'holdfast guard: the push is refused. Push again when the ledger has drained.'
      : `holdfast guard: the push is refused. Push again when ${holder} has released it: ${wait}`,
    ...(isDrain || first.basis === 'draining'
      ? []
      : [`holdfast guard: or let ${holder} push, if the commits are theirs: HOLDFAST_HOLDER says who pushes.`]),
    'holdfast guard: `git push --no-verify` pushes unjudged: git then calls no hook.',
  ]
}

function sentence(
  { path, change, commit, committedAt, since, expiresAt, basis, leaseId, lane, holder, ledger }: Refused,
  nowMs: number,
): string {
  const atMs = Date.parse(expiresAt)
  const did = `${change === 'added' ? 'changes it' : 'changes it, and the push takes that away'} (${clock(Date.parse(committedAt))})`
  const began = since === null ? '' : ` since ${clock(Date.parse(since))}`
  const whose = isLedgerDrain({ lane, holder })
    ? 'the ledger was put back from a backup and drains as a whole'
    : `lane ${plain(lane)} (${leaseId}) of ${plain(holder)} covers it${began}`
  const ends =
    basis === 'draining' ? `an older holder may write until ${endAt(atMs, nowMs)}` : `it ${expiry(atMs, nowMs)}`
  const where = ledger === undefined ? '' : ` (in the ledger at ${plain(ledger.store)}, from ${plain(ledger.root)})`
  return `${plain(path)} is refused: commit ${commit.slice(0, SHORT)} ${did}; ${whose}; ${ends}${where}`
}
