import type { Blocker, RecordedRequest } from '../events.ts'

/** Equal for repeats of one request: who asks for what, whatever the asking process or request id. */
export function refusalKey(request: RecordedRequest): string {
  const claims = request.claims?.map(({ lane, mode, region, kind }) => [lane, mode, region, kind])
  return JSON.stringify([request.op, request.holder, request.policy, claims, request.leaseId, request.token])
}

/** Equal when the same things are in the way. */
export function blockersKey(blockers: readonly Blocker[], moreBlockers: number): string {
  const named = blockers.map(({ leaseId, token, code, ticket }) => [leaseId, token, code, ticket])
  return JSON.stringify([named, moreBlockers])
}
