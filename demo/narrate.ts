import type { RecordedEvent } from '@holdfast/core'

/** One line for people about an event of the log; `null` for plain beats, which would drown the rest. */
export function lineOf(event: RecordedEvent): string | null {
  const what = told(event)
  return what === null ? null : `r${String(event.revision).padEnd(3)} ${event.type.padEnd(10)} ${what}`
}

function told(event: RecordedEvent): string | null {
  switch (event.type) {
    case 'ACQUIRE': {
      const { holder, lane, region } = event.data
      return `${holder} holds ${lane}${region.length === 0 ? '' : ` over ${region.join(' ')}`}`
    }
    case 'RELEASE':
      return `${event.data.leaseId}${event.causation === undefined ? '' : ', as the HALT asked'}`
    case 'HEARTBEAT':
      if (event.causation !== undefined) return `${event.data.leaseId} obeys the HALT`
      if (event.data.exit !== undefined)
        return `${event.data.leaseId}: the child ended with ${event.data.exit.code ?? event.data.exit.signal}`
      return event.data.children === undefined
        ? null
        : `${event.data.leaseId} records child ${event.data.children.map(({ pid }) => pid).join(', ')}`
    case 'ADOPT':
      return `${event.data.newHolder} takes over ${event.data.leaseId}; token ${event.data.previousToken} is stale now`
    case 'HALT':
      return `${event.data.handle} for ${event.data.leaseId ?? 'nobody'}: ${event.data.reason}`
    case 'SPAWN':
      return `${event.data.holder} is about to start on ${event.data.lane}`
    case 'SCAVENGE':
      return `${event.data.leaseId} ended as ${event.data.cause}: ${event.data.reason}`
    case 'REFUSE': {
      const { request, code, blockers, ticket } = event.data
      const [blocker] = blockers
      const why = blocker === undefined ? '' : `, blocked by ${blocker.leaseId ?? 'an earlier ticket'}`
      const path = blocker?.witness === undefined ? '' : ` on ${blocker.witness}`
      return `${request.holder ?? 'somebody'}: ${code}${why}${path}${ticket === undefined ? '' : '; it waits in line'}`
    }
    case 'CHECKPOINT':
      return event.data.throughRevision === -1 ? 'the ledger begins' : 'state written down'
  }
}
