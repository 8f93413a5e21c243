import { fieldsOf, listOf, numberOf, textOf, textsOf, type Fields, type LogEvent } from './log-event.ts'

/** What stood in the way of a request. */
export interface Blocker {
  readonly leaseId: string | null
  readonly lane: string | null
  readonly holder: string | null
  readonly code: string | null
  readonly witness: string | null
  /** Revision of the refusal that opened an earlier place in the line. */
  readonly ticket: number | null
}

/** What a REFUSE says. */
export interface Refusal {
  readonly code: string
  readonly op: string
  readonly holder: string | null
  readonly requestId: string | null
  readonly lanes: readonly string[]
  readonly region: readonly string[]
  readonly blockers: readonly Blocker[]
  readonly moreBlockers: number
  /** How long its place in the line lasts; `null`: it has none. */
  readonly ticketMs: number | null
  readonly retryAtMs: number | null
}

export function refusalOf({ data }: LogEvent): Refusal {
  const request = fieldsOf(data['request']) ?? {}
  const claims = listOf(request, 'claims')
  const ticket = fieldsOf(data['ticket'])
  const lanes = claims.flatMap(claim => textOf(claim, 'lane') ?? [])
  const leaseId = textOf(request, 'leaseId')
  return {
    code: textOf(data, 'code') ?? 'refused',
    op: textOf(request, 'op') ?? 'acquire',
    holder: textOf(request, 'holder'),
    requestId: textOf(request, 'requestId'),
    lanes: lanes.length > 0 || leaseId === null ? lanes : [laneOfLease(leaseId)],
    region: claims.flatMap(claim => textsOf(claim, 'region')),
    blockers: listOf(data, 'blockers').map(blockerOf),
    moreBlockers: numberOf(data, 'moreBlockers') ?? 0,
    ticketMs: ticket === null ? null : numberOf(ticket, 'ttlMs'),
    retryAtMs: numberOf(data, 'earliestRetryAt'),
  }
}

function blockerOf(fields: Fields): Blocker {
  const leaseId = textOf(fields, 'leaseId')
  return {
    leaseId,
    lane: textOf(fields, 'lane') ?? (leaseId === null ? null : laneOfLease(leaseId)),
    holder: textOf(fields, 'holder'),
    code: textOf(fields, 'code'),
    witness: textOf(fields, 'witness'),
    ticket: numberOf(fields, 'ticket'),
  }
}

/** A lease is named after its lane and first token. */
export function laneOfLease(leaseId: string): string {
  const at = leaseId.lastIndexOf('@')
  return at <= 0 ? leaseId : leaseId.slice(0, at)
}

/** What the server takes for a revision where it is asked why. */
const REVISION = /^r?(\d{1,15})$/

/** The revision that a name is; `null`: it is a lane or a lease. */
export function revisionOf(name: string): number | null {
  const digits = REVISION.exec(name)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** What to ask why of a lane: a lane that is called like a revision is found by one of its leases. */
export function askedOfLane(lane: string, leaseId: string | undefined): string {
  return revisionOf(lane) === null && !isStep(lane) ? lane : (leaseId ?? lane)
}

/** Whether a browser takes a name for a step in a path, so that nobody can be asked about it. */
export function isStep(name: string): boolean {
  return name === '.' || name === '..'
}

/** The lanes that an event is about. */
export function lanesOf(event: LogEvent): readonly string[] {
  if (event.type === 'REFUSE') return refusalOf(event).lanes
  const lane = textOf(event.data, 'lane')
  if (lane !== null) return [lane]
  const leaseId = textOf(event.data, 'leaseId')
  return leaseId === null ? [] : [laneOfLease(leaseId)]
}
