import type { EpochMs, LedgerState, LeaseId, LogEntry, Revision, RunId, Token } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'

/** A piece of work that the log shows of a run. */
interface Work {
  readonly revision: Revision
  readonly atMs: EpochMs
  readonly acquires: boolean
}

/** A RELEASE names no run: it has to be found by the lease that it ends. */
interface Unresolved {
  readonly work: Work
  readonly leaseId: LeaseId
  readonly token: Token | null
}

/**
 * The work that runs showed in the log lately: their RELEASEs, SCAVENGEs and ACQUIREs. Beats are narration and never
 * count. It looks back no farther than it was told to, and keeps nothing older.
 */
export class WorkWindow {
  readonly #byRun = new Map<RunId, Work[]>()
  /** Runs of leases, as far as entries named them; for the backward reading only. */
  readonly #runs = new Map<LeaseId, RunId>()

  /**
   * Reads the log backwards from `state`'s head to `sinceMs`. Reads nothing when no live lease belongs to a run. Work
   * that was compacted away is not seen.
   */
  static async load(store: LogStore, stream: string, state: LedgerState, sinceMs: number): Promise<WorkWindow> {
    const window = new WorkWindow()
    const { head } = state
    if (head === -1 || !belongsToRun(state)) return window
    const unresolved: Unresolved[] = []
    read: for await (const entries of store.read(stream, { direction: 'backwards', from: head })) {
      for (const entry of entries) {
        if (entry.recordedAt < sinceMs) break read
        const left = window.#takeBackwards(entry)
        if (left !== null) unresolved.push(left)
      }
    }
    for (const { work, leaseId, token } of unresolved) {
      const run = window.#runs.get(leaseId) ?? (await runAt(store, stream, token))
      if (run !== null) window.#add(run, work)
    }
    window.#runs.clear()
    for (const works of window.#byRun.values()) works.sort((a, b) => a.revision - b.revision)
    return window
  }

  /** Takes in what is appended; `state` is the fold before it. */
  take(entry: LogEntry, state: LedgerState): void {
    if (entry.type !== 'ACQUIRE' && entry.type !== 'RELEASE' && entry.type !== 'SCAVENGE') return
    const run = entry.runId ?? state.leases.get(entry.data.leaseId)?.runId ?? null
    if (run !== null) this.#add(run, workOf(entry))
  }

  /** How often a run worked from `sinceMs` on, its first known ACQUIRE aside, and when last; `null`: not at all. */
  of(run: RunId, first: Revision, sinceMs: number): { readonly count: number; readonly lastAtMs: EpochMs | null } {
    const works = (this.#byRun.get(run) ?? []).filter(({ acquires, revision, atMs }) => {
      return atMs >= sinceMs && !(acquires && revision === first)
    })
    return { count: works.length, lastAtMs: works.at(-1)?.atMs ?? null }
  }

  /** The earliest ACQUIRE of a run in the window. */
  firstAcquire(run: RunId): { readonly revision: Revision; readonly atMs: EpochMs } | null {
    return this.#byRun.get(run)?.find(({ acquires }) => acquires) ?? null
  }

  /** Forgets what happened before `beforeMs`. */
  forget(beforeMs: number): void {
    for (const [run, works] of this.#byRun) {
      const kept = works.filter(({ atMs }) => atMs >= beforeMs)
      if (kept.length === 0) this.#byRun.delete(run)
      else if (kept.length < works.length) this.#byRun.set(run, kept)
    }
  }

  #takeBackwards(entry: LogEntry): Unresolved | null {
    switch (entry.type) {
      case 'ACQUIRE':
      case 'SCAVENGE':
      case 'HEARTBEAT':
      case 'ADOPT':
        if (entry.runId === undefined) return null
        this.#runs.set(entry.data.leaseId, entry.runId)
        if (entry.type === 'ACQUIRE' || entry.type === 'SCAVENGE') this.#add(entry.runId, workOf(entry))
        return null
      case 'RELEASE':
        return { work: workOf(entry), leaseId: entry.data.leaseId, token: entry.data.token }
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return null
    }
  }

  #add(run: RunId, work: Work): void {
    const works = this.#byRun.get(run)
    if (works === undefined) this.#byRun.set(run, [work])
    else works.push(work)
  }
}

function workOf({ revision, recordedAt, type }: LogEntry): Work {
  return { revision, atMs: recordedAt, acquires: type === 'ACQUIRE' }
}

function belongsToRun(state: LedgerState): boolean {
  for (const { runId } of state.leases.values()) if (runId !== null) return true
  return false
}

/** The run of the lease that the ACQUIRE or ADOPT which minted `token` gave. */
async function runAt(store: LogStore, stream: string, token: Token | null): Promise<RunId | null> {
  if (token === null) return null
  const minted = token as number as Revision
  for await (const [entry] of store.read(stream, { from: minted, limit: 1 })) {
    if (entry === undefined || entry.type === 'UNRECOGNISED' || entry.revision !== minted) return null
    return entry.runId ?? null
  }
  return null
}
