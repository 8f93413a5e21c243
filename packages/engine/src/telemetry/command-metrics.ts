import type { Metric } from './metric.ts'

const FAST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const WAIT_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** What a process knows of its own commands and commits. */
export const COMMAND_METRICS = {
  commands: {
    name: 'holdfast_commands_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'command', 'outcome', 'code'],
    help: 'Commands that were answered. The outcome is failed where the store failed, and abandoned where nobody waits for the answer any more; code says why, or none.',
  },
  commandSeconds: {
    name: 'holdfast_command_duration_seconds',
    kind: 'histogram',
    unit: 's',
    labels: ['ledger', 'command'],
    help: 'Time from taking a command to its durable answer, without those that wait in line.',
    bounds: FAST_SECONDS,
  },
  waitSeconds: {
    name: 'holdfast_wait_duration_seconds',
    kind: 'histogram',
    unit: 's',
    labels: ['ledger', 'outcome'],
    help: 'Time that a request which may wait took until it was answered.',
    bounds: WAIT_SECONDS,
  },
  commitSeconds: {
    name: 'holdfast_commit_duration_seconds',
    kind: 'histogram',
    unit: 's',
    labels: ['ledger'],
    help: 'Time of a commit: the wait for the write lock, the decisions, and the durable write.',
    bounds: FAST_SECONDS,
  },
  commitEvents: {
    name: 'holdfast_commit_events',
    kind: 'histogram',
    unit: '',
    labels: ['ledger'],
    help: 'Events that one commit has written.',
    bounds: COUNTS,
  },
  storeErrors: {
    name: 'holdfast_store_errors_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'operation', 'code'],
    help: 'Operations of the store that failed.',
  },
} as const satisfies Readonly<Record<string, Metric>>
