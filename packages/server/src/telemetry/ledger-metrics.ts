import type { Metric } from '@holdfast/engine/internal'

const LEDGER = ['ledger'] as const

/** What happened in a ledger since this server opened it, whoever did it. */
export const EVENT_METRICS = {
  events: {
    name: 'holdfast_events_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'type'],
    help: 'Events that were recorded, by their type.',
  },
  refusals: {
    name: 'holdfast_refusals_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'code'],
    help: 'Refusals that were recorded, by their code. A repeat that was not recorded is in holdfast_commands_total alone.',
  },
  expiries: {
    name: 'holdfast_expiries_total',
    kind: 'counter',
    unit: '',
    labels: LEDGER,
    help: 'Leases that were ended because they had expired.',
  },
  evictions: {
    name: 'holdfast_evictions_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'cause', 'forced'],
    help: 'Leases that somebody else ended, expired ones as well.',
  },
  adoptions: {
    name: 'holdfast_adoptions_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'kind', 'forced'],
    help: 'Leases that were taken over; the kind is claim for a reaper that acts on the end of the work, else takeover.',
  },
  reaps: {
    name: 'holdfast_reaps_total',
    kind: 'counter',
    unit: '',
    labels: ['ledger', 'cause', 'disposition'],
    help: 'Leases that were ended with a word on their work: retry, failed or done.',
  },
  lateBeats: {
    name: 'holdfast_late_beats_total',
    kind: 'counter',
    unit: '',
    labels: LEDGER,
    help: 'Heartbeats that came after the time of their lease was over, in its grace or later.',
  },
} as const satisfies Readonly<Record<string, Metric>>

/** What a ledger is when it is asked, from its fold. */
export const STATE_METRICS = {
  leases: {
    name: 'holdfast_leases',
    kind: 'gauge',
    unit: '',
    labels: ['ledger', 'verdict'],
    help: 'Live leases by the verdict on their liveness, expired ones as well.',
  },
  overdueLeases: {
    name: 'holdfast_overdue_leases',
    kind: 'gauge',
    unit: '',
    labels: ['ledger', 'state'],
    help: 'Live leases whose beat is overdue: in-grace, or expired and not ended yet.',
  },
  draining: {
    name: 'holdfast_draining_entries',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Places that stay closed after a forced end.',
  },
  halts: {
    name: 'holdfast_pending_halts',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Requests to stop that nobody has obeyed yet.',
  },
  waiting: {
    name: 'holdfast_waiting_requests',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Requests that wait in line.',
  },
  longestWait: {
    name: 'holdfast_longest_wait_seconds',
    kind: 'gauge',
    unit: 's',
    labels: LEDGER,
    help: 'How long the first in line has waited; 0 where nobody waits.',
  },
  queue: {
    name: 'holdfast_queue_commands',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Commands that wait for their turn in this server.',
  },
  foldLag: {
    name: 'holdfast_fold_lag_events',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Events that others had written and this server had not read when it was asked.',
  },
  head: {
    name: 'holdfast_head_revision',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Revision of the newest event; -1 where there is none.',
  },
  logEvents: {
    name: 'holdfast_log_events',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Events in the log, without what was moved to the archive.',
  },
  archiveEvents: {
    name: 'holdfast_archive_events',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Events in the archive.',
  },
  archiveBytes: {
    name: 'holdfast_archive_bytes',
    kind: 'gauge',
    unit: 'By',
    labels: LEDGER,
    help: 'Bytes that the archive takes.',
  },
  unrecognised: {
    name: 'holdfast_unrecognised_events',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: 'Events that this program cannot read.',
  },
  closed: {
    name: 'holdfast_closed_to_grants',
    kind: 'gauge',
    unit: '',
    labels: LEDGER,
    help: '1 where nothing new is granted: the ledger is newer than this program, moved or foreign; else 0.',
  },
} as const satisfies Readonly<Record<string, Metric>>

/** What the server is. */
export const SERVER_METRICS = {
  build: {
    name: 'holdfast_build_info',
    kind: 'gauge',
    unit: '',
    labels: ['version'],
    help: 'Always 1; the version of this program.',
  },
  connections: {
    name: 'holdfast_connections',
    kind: 'gauge',
    unit: '',
    labels: ['door'],
    help: 'Connections at the door: socket or http.',
  },
  lasting: {
    name: 'holdfast_lasting_requests',
    kind: 'gauge',
    unit: '',
    labels: [],
    help: 'Requests by HTTP that wait in line or follow a stream.',
  },
  ledgers: {
    name: 'holdfast_open_ledgers',
    kind: 'gauge',
    unit: '',
    labels: [],
    help: 'Ledgers that this server has open.',
  },
} as const satisfies Readonly<Record<string, Metric>>
