import type { BootOrigin } from '../../packages/store/src/boot-clock.ts'
import { EsdbStore } from '../../packages/store/src/eventstoredb/esdb-store.ts'
import type { AppendAttempt, Calls, ReadAttempt } from '../../packages/store/src/eventstoredb/link.ts'
import { ServerClock } from '../../packages/store/src/eventstoredb/server-clock.ts'
import { Server } from '../../packages/store/src/eventstoredb/server.ts'
import type {
  ExpectedPosition,
  PhysicalEvent,
  ReadRequest,
  StoredRecord,
} from '../../packages/store/src/eventstoredb/stored-record.ts'

const ORIGIN: BootOrigin = { bootId: 'virtual', timeNamespace: '', originMs: 0 }

export interface VirtualTimes {
  /** Way to the server, and the way back. */
  readonly lineMs: () => number
  /** Until an append is durable. */
  readonly diskMs: () => number
}

/** A server within the process, in virtual time, for the order in which stores get their turns: it has no faults. */
export class VirtualServer {
  readonly records = new Map<string, StoredRecord[]>()
  readonly asked = { appends: 0, reads: 0, conflicts: 0 }

  calls(times: VirtualTimes): Calls {
    return {
      append: (stream, expected, events) => this.#append(times, { stream, expected, events }),
      read: (stream, request) => this.#read(times, stream, request),
      follow: () => ({ ended: Promise.resolve(), stop: () => undefined }),
      remove: () => Promise.resolve(false),
      renew: () => undefined,
      close: () => Promise.resolve(),
    }
  }

  store(times: VirtualTimes, deadlineMs = 15_000): EsdbStore {
    const closing = new AbortController()
    const clock = new ServerClock({ origin: ORIGIN, nowMs: () => performance.now() })
    const link = this.calls(times)
    const server = new Server({ link, clock, shownUrl: 'virtual', patienceMs: deadlineMs, closed: closing.signal })
    return new EsdbStore({
      server,
      closing,
      probeMs: 5_000,
      deadlineMs,
      subscriptionPatienceMs: 30_000,
      snapshots: () => null,
    })
  }

  async #append(
    { lineMs, diskMs }: VirtualTimes,
    request: { stream: string; expected: ExpectedPosition; events: readonly PhysicalEvent[] },
  ): Promise<AppendAttempt> {
    const { stream, expected, events } = request
    await sleep(lineMs())
    await sleep(diskMs())
    this.asked.appends += 1
    const records = this.records.get(stream) ?? []
    this.records.set(stream, records)
    const head = records.length === 0 ? 'no_stream' : records.length - 1
    const fits = expected === 'any' || expected === head
    if (!fits) this.asked.conflicts += 1
    else {
      for (const event of events)
        records.push({ ...event, position: records.length, createdMs: Math.floor(performance.now()) })
    }
    const last = records.length - 1
    await sleep(lineMs())
    return fits ? { outcome: 'written', last } : { outcome: 'conflict' }
  }

  async #read(
    { lineMs }: VirtualTimes,
    stream: string,
    { from, direction = 'forwards', count }: ReadRequest,
  ): Promise<ReadAttempt> {
    await sleep(lineMs())
    this.asked.reads += 1
    const records = this.records.get(stream)
    const chosen =
      records === undefined
        ? undefined
        : direction === 'forwards'
          ? records.slice(from ?? 0, (from ?? 0) + count)
          : records
              .slice(Math.max(0, (from ?? records.length - 1) + 1 - count), (from ?? records.length - 1) + 1)
              .reverse()
    await sleep(lineMs())
    return chosen === undefined ? { outcome: 'missing' } : { outcome: 'records', records: chosen }
  }
}

function sleep(spanMs: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, spanMs))
}
