import type { ReleaseOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine'
import { commandOf } from '@holdfast/engine/served'
import { mayStandAfter, repeatableId } from '@holdfast/server'
import { haltToConfirm } from '@holdfast/server/answers'
import { plain } from '@holdfast/server/text'
import type { At } from './desk.ts'
import type { Granted } from './session.ts'
import type { ReleaseInput } from './tools.ts'
import type { Step, Told } from './told.ts'

/** `release`: gives up a lease that this session was granted. */
export async function release(input: ReleaseInput, at: At): Promise<Told> {
  const { desk, state } = at
  const { session } = desk
  const holder = desk.holder()
  const own = session.named(input.lease)
  if (own !== undefined) return released(own, input, holder, at)
  desk.demand({ rights: ['release'], holders: [holder] })
  if (session.hasReleased(input.lease))
    return { outcome: 'released', text: `${plain(input.lease)} was released before.`, next: [] }
  const lease = [...state.leases.values()].find(({ leaseId }) => leaseId === input.lease)
  if (lease === undefined) {
    return {
      outcome: 'not-held',
      text: `No lease ${plain(input.lease)} is live: it has ended, or never was.`,
      next: [look],
    }
  }
  const whose =
    lease.holder === holder
      ? session.owns(lease, state)
        ? 'it belongs to the command that started this session, which ends it'
        : 'it has your name, but another session was granted it, or this one before it was started anew. If it was a claim of yours, repeat that claim with its request_id'
      : `${plain(lease.holder)} holds it`
  return { outcome: 'refused', text: `${plain(input.lease)} is not yours to release: ${whose}.`, next: [look] }
}

const look: Step = { tool: 'status', arguments: {}, why: 'see what you hold' }

async function released({ lane, token, leaseId }: Granted, input: ReleaseInput, holder: string, at: At): Promise<Told> {
  const { desk, served, state, nowMs } = at
  const { ledger } = served.hosted
  desk.demand({ rights: ['release'], lanes: [lane], holders: [holder] })
  const { session } = desk
  const halt = haltToConfirm(state, { lane, token }, nowMs)
  const command = commandOf<'release'>(ledger.config, {
    type: 'release',
    // A repeat is the same command, also for a server that was started anew.
    commandId: repeatableId([session.requestPrefix, holder, ledger.stream, 'release', input.request_id, leaseId]),
    lane,
    holder,
    token,
    reason: input.reason,
    causation: halt?.eventId,
  })
  const sentAfter = mayStandAfter(served.handlers.head)
  // The handler answers a release with its outcome.
  const outcome = (await served.handlers.submit({ ...command }, { sentAfter }, desk.asker())) as
    | ReleaseOutcome
    | QueueFull
  switch (outcome.outcome) {
    case 'released':
    case 'drained':
      session.gaveUp(leaseId)
      return { outcome: 'released', text: `${plain(leaseId)} is released: others may write there now.`, next: [] }
    case 'not-held':
    case 'stale-token':
      session.gaveUp(leaseId)
      return {
        outcome: 'not-held',
        text: `${plain(leaseId)} was not yours any more: it had ended or was taken over. What you wrote there since then may have met somebody else's work.`,
        next: [{ tool: 'why', arguments: { about: lane }, why: 'see what became of it' }],
      }
    case 'refused':
      return {
        outcome: 'refused',
        text: `Not released (${outcome.code}): ${plain(outcome.reason)}`,
        next: [{ tool: 'why', arguments: { about: lane }, why: 'see what keeps it' }],
      }
    case 'queue-full':
      return {
        outcome: 'busy',
        text: 'Too many ask at once; nothing was done.',
        next: [{ tool: 'release', arguments: { ...input }, why: 'ask again in a moment' }],
      }
    case 'blocked':
      throw new Error(outcome.message)
  }
}
