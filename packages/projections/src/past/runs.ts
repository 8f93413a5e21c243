import type { Disposition, EpochMs, ExitStatus, LeaseId, LogEntry, RecordedEvent, RunId, Token } from '@holdfast/core'
import { tokenAt } from '@holdfast/core/internal'
import type { Projection } from '../projection.ts'
import { pastProjection, type Past } from './past-projection.ts'

/** A piece of work, as the leases under it tell. */
export interface Run {
  readonly runId: RunId
  readonly startedAtMs: EpochMs
  readonly lastEventAtMs: EpochMs
  /** When its last live lease ended; `null` while it holds one. */
  readonly endedAtMs: EpochMs | null
  readonly leases: readonly LeaseId[]
  readonly liveLeases: number
  /** The highest attempt of its leases. */
  readonly attempt: number
  readonly beats: number
  /** RELEASEs, SCAVENGEs and ACQUIREs after the first. */
  readonly work: number
  /** The newest exit that a beat recorded. */
  readonly exit: ExitStatus | null
  /** Of the newest SCAVENGE; `null` when none of its leases was taken from it. */
  readonly disposition: Disposition | null
}

interface Runs {
  readonly runs: Map<RunId, Run>
  /** Live leases that belong to a run. */
  readonly live: Map<LeaseId, { readonly runId: RunId; readonly token: Token }>
}

/** Every run that ever was, in the order in which they began. Stale events are no part of any. */
export const runsProjection: Projection<Past<Runs>, readonly Run[]> = pastProjection<Runs, readonly Run[]>({
  name: 'runs',
  initial: () => ({ runs: new Map(), live: new Map() }),
  take,
  view: ({ runs }) => [...runs.values()],
})

function take(folded: Runs, entry: LogEntry): void {
  switch (entry.type) {
    case 'ACQUIRE':
      return acquire(folded, entry)
    case 'HEARTBEAT':
      return beat(folded, entry)
    case 'ADOPT':
      return adopt(folded, entry)
    case 'RELEASE':
      return end(folded, entry, {})
    case 'SCAVENGE':
      return end(folded, entry, { disposition: entry.data.disposition })
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
  }
}

function acquire({ runs, live }: Runs, { data, revision, recordedAt }: RecordedEvent<'ACQUIRE'>): void {
  const { runId, leaseId, attempt } = data
  if (runId === undefined) return
  const again = live.has(leaseId)
  live.set(leaseId, { runId, token: tokenAt(revision) })
  const known = runs.get(runId)
  if (known === undefined) {
    runs.set(runId, {
      runId,
      startedAtMs: recordedAt,
      lastEventAtMs: recordedAt,
      endedAtMs: null,
      leases: [leaseId],
      liveLeases: 1,
      attempt,
      beats: 0,
      work: 0,
      exit: null,
      disposition: null,
    })
    return
  }
  runs.set(runId, {
    ...known,
    lastEventAtMs: recordedAt,
    endedAtMs: null,
    leases: known.leases.includes(leaseId) ? known.leases : [...known.leases, leaseId],
    liveLeases: known.liveLeases + (again ? 0 : 1),
    attempt: Math.max(known.attempt, attempt),
    work: known.work + 1,
  })
}

function beat(folded: Runs, event: RecordedEvent<'HEARTBEAT'>): void {
  const run = runAt(folded, event, event.data.token)
  if (run === null) return
  const { exit = run.exit } = event.data
  folded.runs.set(run.runId, { ...run, lastEventAtMs: event.recordedAt, beats: run.beats + 1, exit })
}

function adopt(folded: Runs, event: RecordedEvent<'ADOPT'>): void {
  const run = runAt(folded, event, event.data.previousToken)
  if (run === null) return
  folded.live.set(event.data.leaseId, { runId: run.runId, token: tokenAt(event.revision) })
  folded.runs.set(run.runId, { ...run, lastEventAtMs: event.recordedAt })
}

function end(
  folded: Runs,
  event: RecordedEvent<'RELEASE' | 'SCAVENGE'>,
  changes: { readonly disposition?: Disposition },
): void {
  const run = runAt(folded, event, event.data.token)
  if (run === null) return
  folded.live.delete(event.data.leaseId)
  const liveLeases = run.liveLeases - 1
  const endedAtMs = liveLeases === 0 ? event.recordedAt : null
  const { runId, work } = run
  folded.runs.set(runId, {
    ...run,
    ...changes,
    lastEventAtMs: event.recordedAt,
    liveLeases,
    endedAtMs,
    work: work + 1,
  })
}

type OwnershipEvent = RecordedEvent<'HEARTBEAT' | 'ADOPT' | 'RELEASE' | 'SCAVENGE'>

/** The run of the lease that is live at exactly that token (law 5); imports know no tokens. */
function runAt({ runs, live }: Runs, { data, origin }: OwnershipEvent, token: Token | null): Run | null {
  const lease = live.get(data.leaseId)
  if (lease === undefined) return null
  const meant = token === null ? origin !== undefined : lease.token === token
  return meant ? (runs.get(lease.runId) ?? null) : null
}
