import { parseCommand, type CommandInput, type LedgerState } from '@holdfast/core'
import { requestKey } from '@holdfast/core/internal'
import { InputError } from '@holdfast/engine'
import type { Need } from '../tokens/rights.ts'
import { NEEDS } from './needs.ts'

/**
 * What a command needs of whoever sends it over a connection: the same as the request by HTTP that asks for it. Throws an
 * `InputError` for one that cannot be understood; `null`: a server decides none of its kind.
 */
export function needOf(given: Readonly<Record<string, unknown>>, state: LedgerState): Need | null {
  // The schema decides whether it is one.
  const parsed = parseCommand(given as CommandInput, state.config)
  if (!parsed.ok) throw new InputError(parsed.faults)
  const { command } = parsed
  switch (command.type) {
    case 'acquire': {
      const { holder, claims } = command
      const [lane = '', ...anyOf] = claims.map(claim => claim.lane)
      return NEEDS.acquire({ lane, holder, anyOf }, state)
    }
    case 'withdraw': {
      const { holder, requestId } = command
      const ticket = state.tickets.get(requestKey(holder, requestId), state.clockMs)
      return { rights: ['acquire'], lanes: [ticket?.lane ?? null], holders: [holder] }
    }
    case 'heartbeat': {
      const { lane, holder, token } = command
      return NEEDS.heartbeat({ lane, holder, token }, state)
    }
    case 'release':
      return NEEDS.release(command, state)
    case 'spawn': {
      const { lane, holder } = command
      return NEEDS.spawn({ lane, holder }, state)
    }
    case 'adopt': {
      const { lane, newHolder, expectToken, force } = command
      return NEEDS.adopt({ lane, holder: newHolder, expectToken, force }, state)
    }
    case 'scavenge': {
      const { lane, token, force } = command
      const need = NEEDS.scavenge({ lane, token, force }, state)
      // Whoever closes a claim says as whom.
      const { holder } = command
      return holder === undefined ? need : { ...need, holders: [...(need.holders ?? []), holder] }
    }
    case 'halt': {
      const { handle, lane, leaseId, runId } = command
      return NEEDS.halt({ handle, lane, leaseId, runId }, state)
    }
    case 'write':
    case 'found':
    case 'configure':
    case 'checkpoint':
    case 'repair':
      return null
  }
}
