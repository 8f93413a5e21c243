import type { Counter, Meter } from '@opentelemetry/api'
import { Disposition, EndCause, EventType, RefusalCode, type LogEntry } from '@holdfast/core'
import type { Metric } from '@holdfast/engine/internal'
import type { HostedLedger } from '@holdfast/engine/served'
import { LateBeats } from './late-beats.ts'
import { EVENT_METRICS } from './ledger-metrics.ts'

/** Counts what is recorded in ledgers from the moment at which each was opened. Nothing of their history is counted. */
export class EventCounters {
  readonly #counters: { readonly [M in keyof typeof EVENT_METRICS]: Counter }

  constructor(meter: Meter) {
    const made = ({ name, help: description, unit }: Metric): Counter =>
      meter.createCounter(name, { description, unit })
    const { events, refusals, expiries, evictions, adoptions, reaps, lateBeats } = EVENT_METRICS
    this.#counters = {
      events: made(events),
      refusals: made(refusals),
      expiries: made(expiries),
      evictions: made(evictions),
      adoptions: made(adoptions),
      reaps: made(reaps),
      lateBeats: made(lateBeats),
    }
  }

  /** Counts what one ledger records from now on. */
  watch(hosted: HostedLedger): void {
    const { stream: ledger } = hosted.ledger
    this.#begin(ledger)
    const late = new LateBeats(hosted.ledger.state)
    hosted.listen(entries => {
      for (const entry of entries) this.#count(ledger, entry)
      const lateBeats = late.heard(entries, hosted.ledger.state)
      if (lateBeats > 0) this.#counters.lateBeats.add(lateBeats, { ledger })
    })
  }

  /** Series begin with 0: of one that begins with 1 nobody sees that it rose. */
  #begin(ledger: string): void {
    const { events, refusals, expiries, evictions, adoptions, reaps, lateBeats } = this.#counters
    for (const type of EventType.options) events.add(0, { ledger, type })
    for (const code of RefusalCode.options) if (code !== 'withdrawn') refusals.add(0, { ledger, code })
    expiries.add(0, { ledger })
    lateBeats.add(0, { ledger })
    for (const cause of EndCause.options) {
      for (const forced of ['false', 'true']) evictions.add(0, { ledger, cause, forced })
      for (const disposition of Disposition.options) {
        if (disposition !== 'none') reaps.add(0, { ledger, cause, disposition })
      }
    }
    for (const kind of ['claim', 'takeover']) {
      for (const forced of ['false', 'true']) adoptions.add(0, { ledger, kind, forced })
    }
  }

  #count(ledger: string, entry: LogEntry): void {
    const { events, refusals, expiries, evictions, adoptions, reaps } = this.#counters
    events.add(1, { ledger, type: entry.type })
    switch (entry.type) {
      case 'REFUSE':
        // It ends a place in the line, and refuses nobody.
        if (entry.data.code !== 'withdrawn') refusals.add(1, { ledger, code: entry.data.code })
        return
      case 'ADOPT': {
        const { claim, forced } = entry.data
        adoptions.add(1, { ledger, kind: claim === undefined ? 'takeover' : 'claim', forced: String(forced) })
        return
      }
      case 'SCAVENGE': {
        const { cause, disposition, forced } = entry.data
        evictions.add(1, { ledger, cause, forced: String(forced) })
        if (cause === 'expired') expiries.add(1, { ledger })
        if (disposition !== 'none') reaps.add(1, { ledger, cause, disposition })
        return
      }
      case 'ACQUIRE':
      case 'RELEASE':
      case 'HEARTBEAT':
      case 'HALT':
      case 'SPAWN':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return
    }
  }
}
