import { Holder } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { checkWrites, type GuardedPath, type WriteAnswer } from '@holdfast/engine/write-guard'
import { plain } from '@holdfast/server/text'
import type { At } from './desk.ts'
import type { CheckInput } from './tools.ts'
import type { Step, Told } from './told.ts'
import { timeOf } from './words.ts'

interface Judged {
  readonly path: string
  readonly allowed: boolean
  readonly because: string
  readonly holder?: string
  readonly lease?: string
  readonly until?: string
}

/** `check`: whether files may be written now. A sample: what holds a moment later, only a lease says. */
export async function check(input: CheckInput, at: At): Promise<Told> {
  const { desk, served, state, nowMs } = at
  desk.demand({ rights: ['read'] })
  const holder = desk.holder()
  const places = desk.places(input.paths)
  const ownClock = served.hosted.ledger.store.clock === 'steady' ? undefined : NOTHING_WATCHED
  const writer = { holder: Holder.parse(holder), workTree: desk.workTree }
  const own = checkWrites(state, { writer, paths: places, policy: desk.policy, nowMs, ownClock })
  const elsewhere = await desk.refusedElsewhere(places, holder)
  const paths = places.map(place => judged(place, [...own, ...elsewhere], at))
  const unclaimed = paths.filter(({ because }) => because === 'unclaimed').map(({ path }) => path)
  const text = paths.map(words).join('\n')
  return {
    allowed: paths.every(({ allowed }) => allowed),
    paths,
    text,
    next: stepsFor(paths, unclaimed),
    ...(input.detail === 'full' ? { full: [...own, ...elsewhere] } : {}),
  }
}

/** One path can lead to several places; the first that is refused decides. */
function judged({ given }: GuardedPath, answers: readonly WriteAnswer[], at: At): Judged {
  const all = answers.filter(answer => answer.given === given)
  const foreign = all.find(answer => answer.verdict === 'allowed' && !isOfSession(answer, at))
  if (foreign?.verdict === 'allowed') {
    return {
      path: given,
      allowed: false,
      because: 'another session of your name',
      holder: at.desk.holder(),
      lease: foreign.leaseId,
    }
  }
  const worst =
    all.find(({ permitted }) => permitted === 'no') ?? all.find(({ verdict }) => verdict === 'unclaimed') ?? all[0]
  // What nothing is known of is not allowed.
  if (worst === undefined) return { path: given, allowed: false, because: 'unknown' }
  const allowed = worst.permitted !== 'no'
  switch (worst.verdict) {
    case 'allowed':
      return { path: given, allowed, because: 'your lease', lease: worst.leaseId }
    case 'unclaimed':
      return { path: given, allowed, because: 'unclaimed' }
    case 'outside':
      return { path: given, allowed, because: 'outside the root' }
    case 'refused':
      return {
        path: given,
        allowed,
        because: worst.basis,
        holder: worst.holder,
        lease: worst.leaseId,
        until: timeOf(worst.untilMs),
      }
  }
}

function isOfSession({ leaseId }: Extract<WriteAnswer, { verdict: 'allowed' }>, { desk, state }: At): boolean {
  const lease = state.leases.get(leaseId)
  return lease !== undefined && desk.session.owns(lease, state)
}

function words({ path, allowed, because, holder, lease, until }: Judged): string {
  const who = holder === undefined ? '' : `, ${plain(holder)}`
  const which = lease === undefined ? '' : `, ${plain(lease)}`
  const end = until === undefined ? '' : `, until ${until} unless renewed`
  return `${plain(path)}: ${allowed ? 'yes' : 'NO'} (${because}${who}${which}${end})`
}

function stepsFor(paths: readonly Judged[], unclaimed: readonly string[]): readonly Step[] {
  const refused = paths.filter(({ holder }) => holder !== undefined)
  if (refused.length > 0) {
    const wait = { paths: refused.map(({ path }) => path), seconds: 45 }
    return [{ tool: 'wait', arguments: wait, why: 'wait until these are free, then claim them' }]
  }
  if (unclaimed.length === 0) return []
  const claim = { paths: [...unclaimed], request_id: `claim-${unclaimed[0]?.slice(0, 80) ?? ''}` }
  return [{ tool: 'claim', arguments: claim, why: 'keep others out before you write' }]
}
