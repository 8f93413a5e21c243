/** How a metric is told of: in its HELP line, in docs/metrics.md, and to whatever collects it. */
export interface Metric {
  /** As Prometheus names it, with base unit and `_total`. */
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** In UCUM: `s`, `By`; nothing for what is counted. */
  readonly unit: '' | 's' | 'By'
  /** What a series is told apart by; each has few values, and never a name that somebody makes up, but the ledger's. */
  readonly labels: readonly string[]
  readonly help: string
  /** Upper bounds of a histogram. */
  readonly bounds?: readonly number[]
}
