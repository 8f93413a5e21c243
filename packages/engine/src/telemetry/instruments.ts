import {
  context,
  isSpanContextValid,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  type Meter,
  type Tracer,
} from '@opentelemetry/api'
import type { Command } from '@holdfast/core'
import { traceparentOf } from '@holdfast/core/internal'
import type { CommandOptions, Sender } from '../pipeline/sender.ts'
import { errorCode, outcomeCode } from './code-label.ts'
import { COMMAND_METRICS } from './command-metrics.ts'
import type { Metric } from './metric.ts'
import type { TelemetryOptions } from './telemetry-options.ts'

const SCOPE = '@holdfast/engine'

/** A command under way: told once how it ended. */
export interface Measured {
  readonly answered: (outcome: { readonly outcome: string }) => void
  readonly failed: (error: unknown) => void
}

/** What measures the commands and commits of one ledger, by OpenTelemetry's API. */
export class Instruments {
  readonly #ledger: string
  /** The trace of all that the ledger object does. */
  readonly #traceparent: string | null
  readonly #tracer: Tracer
  readonly #commands: Counter
  readonly #commandSeconds: Histogram
  readonly #waitSeconds: Histogram
  readonly #commitSeconds: Histogram
  readonly #commitEvents: Histogram
  readonly #storeErrors: Counter

  constructor(ledger: string, options: TelemetryOptions, traceparent: string | null) {
    this.#ledger = ledger
    this.#traceparent = traceparent
    const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(SCOPE)
    this.#tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE)
    this.#commands = counterOf(meter, COMMAND_METRICS.commands)
    this.#commandSeconds = histogramOf(meter, COMMAND_METRICS.commandSeconds)
    this.#waitSeconds = histogramOf(meter, COMMAND_METRICS.waitSeconds)
    this.#commitSeconds = histogramOf(meter, COMMAND_METRICS.commitSeconds)
    this.#commitEvents = histogramOf(meter, COMMAND_METRICS.commitEvents)
    this.#storeErrors = counterOf(meter, COMMAND_METRICS.storeErrors)
  }

  /** A command begins. `waits`: it may stand in line. */
  begin(command: Command['type'], sender: CommandOptions & Partial<Sender> = {}, waits = false): Measured {
    const ledger = this.#ledger
    const startMs = performance.now()
    const kind = sender.actor === undefined ? SpanKind.INTERNAL : SpanKind.SERVER
    const attributes = { 'holdfast.ledger': ledger, 'holdfast.command': command }
    const span = this.#tracer.startSpan(`holdfast ${command}`, { kind, attributes }, this.#parentOf(sender))
    const end = (outcome: string, code: string): void => {
      const seconds = (performance.now() - startMs) / 1000
      this.#commands.add(1, { ledger, command, outcome, code })
      if (waits) this.#waitSeconds.record(seconds, { ledger, outcome })
      else this.#commandSeconds.record(seconds, { ledger, command })
      span.setAttributes({ 'holdfast.outcome': outcome, 'holdfast.code': code })
      if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: code })
      span.end()
    }
    return {
      answered: answer => end(answer.outcome, outcomeCode(answer)),
      failed: error => end(sender.isGone?.() === true ? 'abandoned' : 'failed', errorCode(error)),
    }
  }

  /** A commit has written so many events. */
  committed(events: number, spanMs: number): void {
    const attributes: Attributes = { ledger: this.#ledger }
    this.#commitSeconds.record(spanMs / 1000, attributes)
    this.#commitEvents.record(events, attributes)
  }

  storeFailed(operation: string, error: unknown): void {
    this.#storeErrors.add(1, { ledger: this.#ledger, operation, code: errorCode(error) })
  }

  #parentOf({ traceparent, actor }: Partial<Sender>): Context {
    const given = traceparent ?? traceparentOf(actor ?? null) ?? this.#traceparent
    if (given === null) return context.active()
    const [, traceId = '', spanId = '', flags = '00'] = given.split('-')
    const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
    return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : context.active()
  }
}

function counterOf(meter: Meter, { name, help: description, unit }: Metric): Counter {
  return meter.createCounter(name, { description, unit })
}

function histogramOf(meter: Meter, { name, help: description, unit, bounds = [] }: Metric): Histogram {
  return meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: [...bounds] } })
}
