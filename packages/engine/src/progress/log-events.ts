import type { LeaseId, LogEntry, Revision, RunId, Token } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { checkObject, checkText } from '../check-given.ts'
import { unknownProgress, type ProgressProbe } from './progress-probe.ts'

export interface LogEventsOptions {
  readonly store: Pick<LogStore, 'read'>
  readonly stream: string
  /**
   * Revision of the run's first ACQUIRE, which begins the run and is no progress. Without it the oldest one since the
   * asked instant is left out, which may count one too few.
   */
  readonly firstAcquire?: Revision | undefined
}

/**
 * The run's own RELEASEs, SCAVENGEs and further ACQUIREs since the asked instant, on the log clock. Beats never count.
 * What was compacted away is not seen.
 */
export function logEvents(options: LogEventsOptions): ProgressProbe {
  checkObject(options, 'options')
  checkObject(options.store, 'store')
  checkText(options.stream, 'stream')
  const { store, stream, firstAcquire } = options
  return {
    name: 'log-events',
    kind: 'events',
    async read({ runId, sinceMs, signal }) {
      if (runId === null) return unknownProgress('no-run', 'the lease belongs to no run')
      const runOf = new RunOfLease(store, stream)
      const acquires: Revision[] = []
      let count = 0
      for (const entry of await entriesSince(store, stream, sinceMs, signal)) {
        if (!(await belongsTo(entry, runId, runOf))) continue
        if (entry.type === 'ACQUIRE') acquires.push(entry.revision)
        else count += 1
      }
      if (signal?.aborted === true) return unknownProgress('aborted', 'the question was withdrawn')
      const first = firstAcquire ?? acquires[0]
      return { outcome: 'counted', count: count + acquires.filter(revision => revision !== first).length }
    },
  }
}

type WorkEntry = Extract<LogEntry, { type: 'ACQUIRE' | 'RELEASE' | 'SCAVENGE' }>

/** Oldest first. */
async function entriesSince(
  store: Pick<LogStore, 'read'>,
  stream: string,
  sinceMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly WorkEntry[]> {
  const found: WorkEntry[] = []
  read: for await (const entries of store.read(stream, { direction: 'backwards', signal })) {
    for (const entry of entries) {
      if (entry.recordedAt < sinceMs) break read
      if (entry.type === 'ACQUIRE' || entry.type === 'RELEASE' || entry.type === 'SCAVENGE') found.push(entry)
    }
  }
  return found.reverse()
}

async function belongsTo(entry: WorkEntry, runId: RunId, runOf: RunOfLease): Promise<boolean> {
  if (entry.runId !== undefined) return entry.runId === runId
  // A RELEASE names no run: the grant of its token does.
  return entry.type === 'RELEASE' && (await runOf.find(entry.data.leaseId, entry.data.token)) === runId
}

class RunOfLease {
  readonly #store: Pick<LogStore, 'read'>
  readonly #stream: string
  readonly #known = new Map<LeaseId, RunId | null>()

  constructor(store: Pick<LogStore, 'read'>, stream: string) {
    this.#store = store
    this.#stream = stream
  }

  async find(leaseId: LeaseId, token: Token | null): Promise<RunId | null> {
    const known = this.#known.get(leaseId)
    if (known !== undefined) return known
    const runId = token === null ? null : await this.#grantedTo(token)
    this.#known.set(leaseId, runId)
    return runId
  }

  /** A token is the revision of the event that minted it. */
  async #grantedTo(token: Token): Promise<RunId | null> {
    const revision = token as number as Revision
    for await (const entries of this.#store.read(this.#stream, { from: revision, limit: 1 })) {
      for (const entry of entries) {
        if (entry.type === 'UNRECOGNISED' || entry.revision !== revision) return null
        return entry.runId ?? null
      }
    }
    return null
  }
}
