import { dirname, sep } from 'node:path'
import type { HeldLease } from '../hold/held-lease.ts'

/** What a child is told about the lease that it runs under. */
export interface RunEnvironment {
  readonly lease: Pick<HeldLease, 'lane' | 'leaseId' | 'token' | 'holder'>
  readonly runId: string
  readonly store: string
  readonly ledger: string
  readonly ledgerId: string
}

/** The child's environment: the runner's own, less what was put there to start the runner, plus the lease. */
export function childEnvironment(
  base: NodeJS.ProcessEnv,
  { lease, runId, store, ledger, ledgerId }: RunEnvironment,
): NodeJS.ProcessEnv {
  return {
    ...withoutOwnNodePath(base),
    HOLDFAST_LANE: lease.lane,
    HOLDFAST_LEASE_ID: lease.leaseId,
    HOLDFAST_TOKEN: String(lease.token),
    HOLDFAST_HOLDER: lease.holder,
    HOLDFAST_RUN_ID: runId,
    HOLDFAST_STORE: store,
    HOLDFAST_LEDGER: ledger,
    HOLDFAST_LEDGER_ID: ledgerId,
  }
}

/** A package manager's launcher puts this program's own modules on `NODE_PATH`; a child must not find them there. */
function withoutOwnNodePath(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_PATH, ...rest } = base
  if (NODE_PATH === undefined) return rest
  const here = import.meta.dirname
  const others = NODE_PATH.split(':').filter(
    folder => !here.startsWith(dirname(folder) + sep) && !folder.includes(`${sep}.pnpm${sep}`),
  )
  return others.length === 0 ? rest : { ...rest, NODE_PATH: others.join(':') }
}
