import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api'
import type { Metric } from '@holdfast/engine/internal'
import type { LivenessSettings } from '@holdfast/projections'
import type { Log } from '../log.ts'
import type { HostedLedgers, ServedLedger } from '../hosted-ledgers.ts'
import { LedgerReader, type LedgerReading } from './ledger-reading.ts'
import { SERVER_METRICS, STATE_METRICS } from './ledger-metrics.ts'

export interface GaugeParts {
  readonly ledgers: Pick<HostedLedgers, 'all'>
  readonly liveness: LivenessSettings | undefined
  readonly version: string
  readonly log: Log
  /** What only the doors know. */
  readonly counts: () => Promise<{ readonly socket: number; readonly http: number; readonly lasting: number }>
}

type StateGauges = { readonly [M in keyof typeof STATE_METRICS]: Observable }

/** Adds the gauges of a server and its ledgers, which are read whenever somebody collects. */
export function addGauges(meter: Meter, parts: GaugeParts): void {
  const gauge = ({ name, help: description, unit }: Metric) => meter.createObservableGauge(name, { description, unit })
  const build = gauge(SERVER_METRICS.build)
  const connections = gauge(SERVER_METRICS.connections)
  const lasting = gauge(SERVER_METRICS.lasting)
  const open = gauge(SERVER_METRICS.ledgers)
  const { leases, overdueLeases, draining, halts, waiting, longestWait, queue } = STATE_METRICS
  const { foldLag, head, logEvents, archiveEvents, archiveBytes, unrecognised, closed } = STATE_METRICS
  const gauges: StateGauges = {
    leases: gauge(leases),
    overdueLeases: gauge(overdueLeases),
    draining: gauge(draining),
    halts: gauge(halts),
    waiting: gauge(waiting),
    longestWait: gauge(longestWait),
    queue: gauge(queue),
    foldLag: gauge(foldLag),
    head: gauge(head),
    logEvents: gauge(logEvents),
    archiveEvents: gauge(archiveEvents),
    archiveBytes: gauge(archiveBytes),
    unrecognised: gauge(unrecognised),
    closed: gauge(closed),
  }
  const readers = new WeakMap<ServedLedger, LedgerReader>()
  const readerOf = (served: ServedLedger): LedgerReader => {
    const known = readers.get(served) ?? new LedgerReader(served.hosted, parts.liveness)
    readers.set(served, known)
    return known
  }
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const served = await parts.ledgers.all()
    const { socket, http, lasting: lastingRequests } = await parts.counts()
    result.observe(build, 1, { version: parts.version })
    result.observe(connections, socket, { door: 'socket' })
    result.observe(connections, http, { door: 'http' })
    result.observe(lasting, lastingRequests)
    result.observe(open, served.length)
    for (const one of served) {
      const ledger = one.hosted.ledger.stream
      try {
        give(result, gauges, ledger, await readerOf(one).read())
      } catch (error) {
        // One that cannot be read has no gauges, and the others have theirs.
        parts.log.warn({ err: error, ledger }, 'the gauges of a ledger cannot be read')
      }
    }
  }
  meter.addBatchObservableCallback(observe, [build, connections, lasting, open, ...Object.values(gauges)])
}

function give(result: BatchObservableResult, gauges: StateGauges, ledger: string, reading: LedgerReading): void {
  for (const [name, points] of Object.entries(reading)) {
    const gauge = Object.entries(gauges).find(([known]) => known === name)?.[1]
    if (gauge === undefined) continue
    for (const [labels, value] of points) result.observe(gauge, value, { ledger, ...labels })
  }
}
