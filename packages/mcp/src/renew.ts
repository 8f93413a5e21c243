import type { HeartbeatOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine'
import { commandOf } from '@holdfast/engine/served'
import type { ServedLedger } from '@holdfast/server'
import type { Desk } from './desk.ts'
import { NotAllowed } from './told.ts'

/**
 * Renews every lease of the session, because it has just shown that it works; then looks at what became of them. Nothing
 * else renews a lease: a client that is connected and silent proves nothing.
 */
export async function renew(desk: Desk, { hosted, handlers }: ServedLedger): Promise<void> {
  const { ledger } = hosted
  const { session } = desk
  const state = await ledger.refresh()
  // Asked for together they are one commit.
  await Promise.all(
    session.toBeat(state, await ledger.now()).map(async ({ lane, holder, token }) => {
      if (!mayBeat(desk, lane, holder)) return
      const command = commandOf<'heartbeat'>(ledger.config, { type: 'heartbeat', lane, holder, token })
      const answered = await handlers.submit({ ...command }, { sentAfter: undefined }, desk.asker())
      // The handler answers a beat with its outcome. What is lost is seen in the state below.
      const { outcome } = answered as { readonly outcome: HeartbeatOutcome | QueueFull }
      if (outcome.outcome === 'blocked') throw new Error(outcome.message)
    }),
  )
  session.look(await ledger.refresh(), await ledger.now())
}

/** Whether calls renew a lease: a token may lack the right. */
export function mayBeat({ demand }: Pick<Desk, 'demand'>, lane: string, holder: string): boolean {
  try {
    demand({ rights: ['heartbeat'], lanes: [lane], holders: [holder] })
    return true
  } catch (error) {
    if (error instanceof NotAllowed) return false
    throw error
  }
}
