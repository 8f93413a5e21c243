import { diag, DiagLogLevel, type TracerProvider } from '@opentelemetry/api'
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import { MeterProvider, type IMetricReader } from '@opentelemetry/sdk-metrics'
import type { TelemetryOptions } from '@holdfast/engine'
import type { Log } from '../log.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import { EventCounters } from './event-counters.ts'
import { addGauges, type GaugeParts } from './gauges.ts'
import { PrometheusReader } from './prometheus.ts'

/** Metrics and spans of a server. */
export interface Telemetry {
  /** What ledgers are opened with. */
  readonly options: TelemetryOptions
  /** Counts what a ledger records from now on. */
  readonly watch: (served: ServedLedger) => void
  /** Adds what is read at each look, once there are doors. */
  readonly addGauges: (parts: Omit<GaugeParts, 'log' | 'version'>) => void
  /** All metrics, in Prometheus' text format. */
  readonly text: () => Promise<string>
  /** Sends what is not sent yet, and ends. */
  readonly close: () => Promise<void>
}

const SCOPE = '@holdfast/server'

/**
 * Begins to measure. `otlp`: metrics and spans are sent as well, to where OpenTelemetry's variables say
 * (`OTEL_EXPORTER_OTLP_ENDPOINT` and those beside it).
 */
export async function startTelemetry({
  version,
  log,
  otlp,
}: {
  readonly version: string
  readonly log: Log
  readonly otlp: boolean
}): Promise<Telemetry> {
  const named = resourceFromAttributes({ 'service.name': 'holdfast', 'service.version': version })
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }))
  const prometheus = new PrometheusReader(log)
  const readers: IMetricReader[] = [prometheus]
  let tracerProvider: (TracerProvider & { shutdown: () => Promise<void> }) | undefined
  if (otlp) {
    const { metricReader, tracesTo } = await import('./otlp.ts')
    diag.setLogger(saidBy(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
    readers.push(metricReader())
    tracerProvider = tracesTo(resource)
  }
  const meterProvider = new MeterProvider({ resource, readers })
  const meter = meterProvider.getMeter(SCOPE)
  const counters = new EventCounters(meter)
  return {
    options: { meterProvider, tracerProvider },
    watch: ({ hosted }) => counters.watch(hosted),
    addGauges: parts => addGauges(meter, { ...parts, version, log }),
    text: () => prometheus.text(),
    close: async () => {
      // An endpoint that does not answer must not keep a server from ending.
      await Promise.allSettled([meterProvider.shutdown({ timeoutMillis: CLOSE_WITHIN_MS }), tracerProvider?.shutdown()])
    },
  }
}

/** How long a server that ends waits for what it still has to send. */
const CLOSE_WITHIN_MS = 3_000

/** What the SDK has to say, such as an endpoint that does not answer. */
function saidBy(log: Log) {
  const warn = (message: string): void => log.warn({ from: 'opentelemetry' }, message)
  const error = (message: string): void => log.error({ from: 'opentelemetry' }, message)
  const nothing = (): void => {}
  return { error, warn, info: nothing, debug: nothing, verbose: nothing }
}
