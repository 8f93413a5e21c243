import type { HeldLease, HoldRequest, Ledger } from '@holdfast/engine'

/** Holds a lane that must be free; anything else than a grant fails the test. */
export async function holding(ledger: Ledger, request: HoldRequest): Promise<HeldLease> {
  const asked = await ledger.hold(request)
  if (asked.outcome !== 'granted') throw new Error(`expected a grant, got ${JSON.stringify(asked)}`)
  return asked.lease
}
