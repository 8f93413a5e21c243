import type { LeaseId, LogEntry, Token } from '@holdfast/core'

/** Why a lease is lost to its holder. Loss is final for the handle, whatever the ledger does later. */
export type LossCode =
  /** No beat was confirmed in time: others may believe the lease to be free. The cause says why beats failed. */
  | 'deadline-passed'
  | 'adopted'
  | 'scavenged'
  /** Released through another handle or by hand. */
  | 'released'
  /** The ledger continues in another store. */
  | 'moved'
  /** The store's file was removed, or another one is in its place: whoever opens it now does not see this lease. */
  | 'store-replaced'
  /** The log no longer shows the token live. */
  | 'gone'

/** What `lease.signal.reason` holds, and what a guard rejects with, after a loss. */
export class LeaseLostError extends Error {
  readonly code: LossCode
  readonly leaseId: LeaseId
  readonly token: Token

  constructor(code: LossCode, lease: { leaseId: LeaseId; token: Token }, options: { detail: string; cause?: unknown }) {
    super(`lease ${lease.leaseId} at token ${lease.token} is lost: ${options.detail}`, { cause: options.cause })
    this.name = 'LeaseLostError'
    this.code = code
    this.leaseId = lease.leaseId
    this.token = lease.token
  }
}

/** The loss that an entry means for the lease at this token; `null` for every other entry. */
export function lossBy(entry: LogEntry, lease: { leaseId: LeaseId; token: Token }): LeaseLostError | null {
  switch (entry.type) {
    case 'RELEASE':
      if (!names(entry.data, lease) || entry.data.token !== lease.token) return null
      return new LeaseLostError('released', lease, { detail: `released at revision ${entry.revision}` })
    case 'SCAVENGE': {
      if (!names(entry.data, lease) || entry.data.token !== lease.token) return null
      const detail = `ended as ${entry.data.cause} at revision ${entry.revision}`
      return new LeaseLostError('scavenged', lease, { detail })
    }
    case 'ADOPT': {
      if (!names(entry.data, lease) || entry.data.previousToken !== lease.token) return null
      const detail = `adopted by ${entry.data.newHolder} at revision ${entry.revision}`
      return new LeaseLostError('adopted', lease, { detail })
    }
    case 'CHECKPOINT':
      if (entry.data.movedTo === undefined) return null
      return new LeaseLostError('moved', lease, { detail: `the ledger continues at ${entry.data.movedTo}` })
    case 'ACQUIRE':
    case 'HEARTBEAT':
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'UNRECOGNISED':
      return null
  }
}

function names(data: { readonly leaseId: LeaseId }, lease: { readonly leaseId: LeaseId }): boolean {
  return data.leaseId === lease.leaseId
}
