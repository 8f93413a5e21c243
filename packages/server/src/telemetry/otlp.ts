import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { Resource } from '@opentelemetry/resources'
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

/** How long one sending may take, also the last one of a server that ends. */
const SEND_WITHIN_MS = 3_000

/** Sends the metrics every minute. Where to is read from the environment. */
export function metricReader(): PeriodicExportingMetricReader {
  const exporter = new OTLPMetricExporter({ timeoutMillis: SEND_WITHIN_MS })
  return new PeriodicExportingMetricReader({ exporter, exportTimeoutMillis: 2 * SEND_WITHIN_MS })
}

/** Sends spans in batches; what is too much is dropped. */
export function tracesTo(resource: Resource): TracerProvider {
  const exporter = new OTLPTraceExporter({ timeoutMillis: SEND_WITHIN_MS })
  return new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: SEND_WITHIN_MS })],
  })
}
