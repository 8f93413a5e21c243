import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MetricReader } from '@opentelemetry/sdk-metrics'
import type { Log } from '../log.ts'

/** How long a look at all ledgers may take. */
const COLLECT_WITHIN_MS = 10_000

/** Reads the metrics when somebody asks for them, as text. */
export class PrometheusReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  readonly #log: Log

  constructor(log: Log) {
    super()
    this.#log = log
  }

  /** All metrics, in Prometheus' text format. */
  async text(): Promise<string> {
    const { resourceMetrics, errors } = await this.collect({ timeoutMillis: COLLECT_WITHIN_MS })
    for (const err of errors) this.#log.warn({ err }, 'a part of the metrics cannot be read')
    const text = this.#serializer.serialize(resourceMetrics)
    return text.endsWith('\n') ? text : `${text}\n`
  }

  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}
