import type { LeaseJson, LivenessJson } from '@holdfast/projections'
import { fieldsOf, textOf } from './log-event.ts'
import type { SeedLease } from './timeline.ts'

/** A lease, as every answer of the server has it. */
export type Lease = LeaseJson
export type Verdict = LivenessJson['leases'][number]

/** The live set as the server's streams tell it: all of it, then what changes. */
export class LiveSet {
  readonly leases = new Map<string, Lease>()
  readonly verdicts = new Map<string, Verdict>()
  /** Whether all of it was told once. */
  isKnown = false

  /** Takes an item of the stream `leases`. What is no such item changes nothing. */
  take(item: unknown): void {
    const fields = fieldsOf(item)
    if (fields === null) return
    const kind = textOf(fields, 'kind')
    if (kind === 'all') {
      this.leases.clear()
      for (const lease of leasesOf(fields['leases'])) this.leases.set(lease.leaseId, lease)
      this.#forget()
      this.isKnown = true
    } else if (kind === 'changes') {
      for (const lease of leasesOf(fields['changed'])) this.leases.set(lease.leaseId, lease)
      const gone: unknown = fields['gone']
      if (Array.isArray(gone)) for (const leaseId of gone) this.leases.delete(String(leaseId))
      this.#forget()
    }
  }

  /** Takes an item of the stream `liveness`. */
  judge(item: unknown): void {
    const fields = fieldsOf(item)
    const verdict = fields === null ? null : fieldsOf(fields['verdict'])
    const leaseId = verdict === null ? null : textOf(verdict, 'leaseId')
    if (leaseId !== null) this.verdicts.set(leaseId, verdict as unknown as Verdict)
  }

  /** The verdict on a lease; one on an earlier holder of it says nothing about this one. */
  verdictOn({ leaseId, token }: { leaseId: string; token: number }): Verdict | null {
    const verdict = this.verdicts.get(leaseId)
    return verdict?.token === token ? verdict : null
  }

  /** The live set of an answer of `leases`. */
  static of(leases: unknown): LiveSet {
    const set = new LiveSet()
    set.take({ kind: 'all', leases })
    return set
  }

  #forget(): void {
    for (const leaseId of this.verdicts.keys()) if (!this.leases.has(leaseId)) this.verdicts.delete(leaseId)
  }
}

/** The leases of an answer, as a timeline draws what was live before its first event. */
export function seedsOf(leases: unknown): readonly SeedLease[] {
  return leasesOf(leases).map(({ ownedSince, ...lease }) => ({ ...lease, ownedSinceMs: Date.parse(ownedSince) }))
}

/** The server and this page are built together: what it calls leases are leases. */
function leasesOf(value: unknown): readonly Lease[] {
  return Array.isArray(value) ? (value as readonly Lease[]) : []
}
