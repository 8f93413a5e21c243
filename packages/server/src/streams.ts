import type { LiveLedger } from '@holdfast/engine'
import { rawOf } from '@holdfast/core/internal'
import { leaseJson, livenessJson, type LeaseJson, type LeaseLiveness } from '@holdfast/projections'
import { followHistory, type Head } from '@holdfast/store'
import type { Observable } from 'rxjs'

/** Events that one item of a stream holds at most: a piece that a slow reader can take. */
const EVENTS_PER_ITEM_MAX = 200

/** Bytes of text that the events of one item take at most, where there are several: far from what a frame takes. */
const ITEM_BYTES_MAX = 128 * 1024

/** Whoever reads a stream. `give` resolves when there is room for the next item; it rejects when the reader is cut. */
export interface Follower {
  readonly give: (item: object) => Promise<void>
  /** Aborts when the reader has had enough. */
  readonly signal: AbortSignal
}

/**
 * History after a revision, then live: no gap, no duplicate. The log is the buffer: a reader that takes its time is given
 * the next events when it has taken these, and one that comes again says after which revision.
 */
export async function followEvents(
  { store, stream }: LiveLedger,
  after: Head,
  { give, signal }: Follower,
): Promise<void> {
  for await (const item of followHistory(store, stream, after, { signal })) {
    if (item.kind !== 'entries') {
      await give(item)
      continue
    }
    for (const events of inItems(item.entries.map(rawOf))) await give({ kind: 'events', events })
  }
}

function* inItems<T extends object>(all: readonly T[]): Generator<readonly T[], void, undefined> {
  let item: T[] = []
  let bytes = 0
  for (const one of all) {
    const further = Buffer.byteLength(JSON.stringify(one))
    if (item.length > 0 && (item.length >= EVENTS_PER_ITEM_MAX || bytes + further > ITEM_BYTES_MAX)) {
      yield item
      item = []
      bytes = 0
    }
    item.push(one)
    bytes += further
  }
  if (item.length > 0) yield item
}

/**
 * The live set: first all of it, then what has changed since the reader took the last item. `all` begins anew; what does not
 * fit it follows as changes.
 */
export async function followLeases(ledger: LiveLedger, follower: Follower): Promise<void> {
  let told: ReadonlyMap<string, string> | null = null
  await followLatest(ledger.liveLeases$, follower, async views => {
    const leases = views.map(leaseJson)
    const now = new Map(leases.map(lease => [lease.leaseId as string, JSON.stringify(lease)]))
    const before: ReadonlyMap<string, string> = told ?? new Map<string, string>()
    const isFirst = told === null
    told = now
    const changed: LeaseJson[] = leases.filter(lease => before.get(lease.leaseId) !== now.get(lease.leaseId))
    const gone = [...before.keys()].filter(leaseId => !now.has(leaseId))
    const [first = [], ...rest] = inItems(changed)
    if (isFirst) await follower.give({ kind: 'all', leases: first })
    else if (changed.length + gone.length > 0) await follower.give({ kind: 'changes', changed: first, gone })
    for (const further of rest) await follower.give({ kind: 'changes', changed: further, gone: [] })
  })
}

/** Each live lease with its verdict, whenever something of it changes. */
export async function followVerdicts(ledger: LiveLedger, follower: Follower): Promise<void> {
  const waiting = new Map<string, LeaseLiveness>()
  await followLatest(
    ledger.liveness$,
    follower,
    async () => {
      for (const [leaseId, lease] of waiting) {
        waiting.delete(leaseId)
        const { leases } = livenessJson({ leases: [lease], halts: [], spawning: [] })
        for (const verdict of leases) await follower.give({ kind: 'verdict', verdict })
      }
    },
    lease => waiting.set(lease.leaseId, lease),
  )
}

/** Gives only the latest value to a reader that is slower than the source, and never two at a time. */
async function followLatest<T>(
  source: Observable<T>,
  { signal }: Follower,
  give: (value: T) => Promise<void>,
  take: (value: T) => void = () => {},
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let latest: { readonly value: T } | null = null
    let isGiving = false
    const pump = async (): Promise<void> => {
      isGiving = true
      while (latest !== null && !signal.aborted) {
        const { value } = latest
        latest = null
        await give(value)
      }
      isGiving = false
    }
    const subscription = source.subscribe({
      next: value => {
        take(value)
        latest = { value }
        if (!isGiving) pump().catch(fail)
      },
      error: fail,
    })
    function fail(error: unknown): void {
      subscription.unsubscribe()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    const end = (): void => {
      subscription.unsubscribe()
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
