// Shared by our own packages and tests alone: no promise is made about it, in any release.
export { EVENT_METRICS, SERVER_METRICS, STATE_METRICS } from './telemetry/ledger-metrics.ts'
