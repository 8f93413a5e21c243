import type { Blocker, RecordedRequest } from '../refuse-event.ts'
import { treeKey } from '../work-tree.ts'

/** Equal for repeats of one request: who asks for what and in which work tree, whatever the process or request id. */
export function refusalKey(request: RecordedRequest): string {
  const claims = request.claims?.map(({ lane, mode, region, kind }) => [lane, mode, region, kind])
  const { op, holder, policy, leaseId, token, workTree } = request
  const known = workTree === null || workTree === undefined ? [] : [treeKey(workTree)]
  return JSON.stringify([op, holder, policy, claims, leaseId, token, ...known])
}

/** What a refusal rests on. */
interface Grounds {
  readonly blockers: readonly Blocker[]
  readonly moreBlockers: number
  /** Name of the local predicate that refused. */
  readonly predicate?: string | undefined
}

/** Equal when the same things are in the way, and the same predicate if one is. */
export function blockersKey({ blockers, moreBlockers, predicate }: Grounds): string {
  const named = blockers.map(({ leaseId, token, code, ticket }) => [leaseId, token, code, ticket])
  return JSON.stringify(predicate === undefined ? [named, moreBlockers] : [named, moreBlockers, predicate])
}
