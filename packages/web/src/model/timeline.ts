import { LaneTrack, type MarkKind, type Span, type SpanEnd, type Wait } from './lane-track.ts'
import { fieldsOf, numberOf, textOf, textsOf, type LogEvent } from './log-event.ts'
import { lanesOf, refusalOf } from './requested.ts'

/** Events that are kept to look at; the oldest give way, a tenth at a time. */
export const EVENTS_MAX = 200_000

/** A session that waits for an answer of a human, by its own word. */
export interface HumanWait {
  readonly lane: string
  readonly holder: string
  /** Which kind of answer: `permission`, `input`. */
  readonly answer: string
  readonly detail: string | null
  readonly sinceMs: number
  readonly untilMs: number
}

/** A lease that was live before the first event that is known. */
export interface SeedLease {
  readonly lane: string
  readonly leaseId: string
  readonly holder: string
  readonly token: number
  readonly mode: string
  readonly region: readonly string[]
  readonly ttlMs: number
  readonly graceMs: number
  readonly ownedSinceMs: number
}

/** The log as lanes with bars, marks and waiters. Events are given in order, each once. */
export class Timeline {
  readonly #eventsMax: number
  readonly lanes = new Map<string, LaneTrack>()
  readonly events: LogEvent[] = []
  readonly waiting = new Map<string, Wait>()
  readonly #open = new Map<string, Span>()
  /** Requests that were refused, for contention and the count of the last hour. */
  readonly refusals: LogEvent[] = []
  /** The newest revision that was taken. */
  head = -1
  /** Whether events were taken that are not kept any more. */
  isCut = false
  /** Who waits for a human, by lane and run or holder. */
  readonly humans = new Map<string, HumanWait>()

  constructor(eventsMax = EVENTS_MAX) {
    this.#eventsMax = eventsMax
  }

  seed(leases: readonly SeedLease[]): void {
    for (const lease of leases) {
      if (this.#open.has(lease.leaseId)) continue
      this.#begin(
        { ...lease, fromMs: lease.ownedSinceMs, isSeeded: true, toMs: null, endedBy: null, end: null },
        lease.lane,
      )
    }
  }

  take(event: LogEvent): void {
    if (event.revision <= this.head) return
    this.head = event.revision
    this.events.push(event)
    if (this.events.length > this.#eventsMax) this.#cut()
    const isRefused = event.type === 'REFUSE' && this.#refused(event)
    for (const lane of lanesOf(event)) {
      const track = this.#track(lane)
      track.firstRevision = Math.min(track.firstRevision, event.revision)
      track.newestRevision = event.revision
      track.newestMs = event.atMs
      if (isRefused) track.marks.push({ kind: 'refused', revision: event.revision, atMs: event.atMs })
      this.#draw(event, track)
    }
  }

  /** The event at a revision, if it is loaded. */
  at(revision: number): LogEvent | null {
    const event = this.events[this.indexAfter(revision - 1)]
    return event?.revision === revision ? event : null
  }

  /** The place of the first event after a revision. */
  indexAfter(revision: number): number {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.events[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The newest event up to a revision. */
  newestUntil(revision: number): LogEvent | null {
    return this.events[this.indexAfter(revision) - 1] ?? null
  }

  /** The newest event that was recorded at an instant or before it. */
  newestAt(ms: number): LogEvent | null {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.events[middle]?.atMs ?? 0) <= ms) low = middle + 1
      else high = middle
    }
    return this.events[low - 1] ?? null
  }

  #track(lane: string): LaneTrack {
    const known = this.lanes.get(lane)
    if (known !== undefined) return known
    const track = new LaneTrack(lane)
    this.lanes.set(lane, track)
    return track
  }

  #draw(event: LogEvent, track: LaneTrack): void {
    const { revision, atMs, data } = event
    const leaseId = textOf(data, 'leaseId') ?? ''
    const mark = (kind: MarkKind): void => void track.marks.push({ kind, revision, atMs })
    switch (event.type) {
      case 'ACQUIRE':
        this.#begin(spanOf(event, leaseId), track.lane)
        this.#served(textOf(data, 'requestId'), textOf(data, 'holder'), track.lane, event, 'granted')
        for (const runId of [textOf(data, 'runId') ?? event.runId, null]) this.humans.delete(humanKey(event, runId))
        return
      case 'ADOPT': {
        const before = this.#end(leaseId, event, 'adopted')
        mark('adopted')
        const next = spanOf(event, leaseId)
        this.#begin(
          before === null
            ? next
            : { ...next, mode: before.mode, region: before.region, ttlMs: before.ttlMs, graceMs: before.graceMs },
          track.lane,
        )
        return
      }
      case 'RELEASE':
        this.#end(leaseId, event, 'released')
        return
      case 'SCAVENGE':
        this.#end(leaseId, event, 'evicted')
        return mark('evicted')
      case 'HEARTBEAT':
        track.beatsMs.push(atMs)
        track.beatRevisions.push(revision)
        return
      case 'HALT':
        return mark('halt')
      case 'SPAWN':
        return this.#spawned(event, track.lane)
      case 'REFUSE':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return
    }
  }

  #begin(span: Span, lane: string): void {
    // Seeded, and then told by its event.
    if (this.#open.get(span.leaseId)?.token === span.token) return
    this.#open.set(span.leaseId, span)
    this.#track(lane).spans.push(span)
  }

  /** Ends the ownership that the event names; one under an old token ends nothing. */
  #end(leaseId: string, { revision, atMs, data }: LogEvent, end: SpanEnd): Span | null {
    const span = this.#open.get(leaseId)
    const token = numberOf(data, end === 'adopted' ? 'previousToken' : 'token')
    if (span === undefined || (token !== null && token !== span.token)) return null
    this.#open.delete(leaseId)
    span.toMs = atMs
    span.endedBy = revision
    span.end = end
    return span
  }

  #spawned(event: LogEvent, lane: string): void {
    const { data, atMs, runId } = event
    const key = humanKey(event, textOf(data, 'runId') ?? runId)
    const waiting = fieldsOf(data['waiting'])
    const before = this.humans.get(key)
    if (waiting === null) return void this.humans.delete(key)
    this.humans.set(key, {
      lane,
      holder: textOf(data, 'holder') ?? '?',
      answer: textOf(waiting, 'for') ?? '?',
      detail: textOf(waiting, 'detail'),
      // Who says again that it waits has waited since it said so first.
      sinceMs: before !== undefined && before.untilMs > atMs ? before.sinceMs : atMs,
      untilMs: atMs + (numberOf(data, 'ttlMs') ?? 0),
    })
  }

  /** Lets the oldest events go, and what was drawn of them alone. */
  #cut(): void {
    this.events.splice(0, this.#eventsMax / 10)
    this.isCut = true
    const first = this.events[0]
    if (first === undefined) return
    this.refusals.splice(0, this.refusals.findIndex(({ revision }) => revision >= first.revision) >>> 0)
    for (const [key, wait] of this.waiting) if (wait.untilMs < first.atMs) this.waiting.delete(key)
    for (const [key, { untilMs }] of this.humans) if (untilMs < first.atMs) this.humans.delete(key)
    for (const [lane, track] of this.lanes) if (track.cutBefore(first)) this.lanes.delete(lane)
  }

  /** Whether a refusal says something new: whoever waits in line is refused again and again, and only keeps its place. */
  #refused(event: LogEvent): boolean {
    const { code, requestId, holder, lanes, ticketMs } = refusalOf(event)
    if (code === 'withdrawn') {
      for (const lane of lanes) this.#served(requestId, holder, lane, event, 'withdrawn')
      return false
    }
    let isNew = ticketMs === null
    for (const lane of ticketMs === null ? [] : lanes) {
      const key = waitKey(requestId, holder, lane)
      const untilMs = event.atMs + (ticketMs ?? 0)
      const known = this.waiting.get(key)
      if (known !== undefined && known.untilMs >= event.atMs) {
        known.untilMs = untilMs
        continue
      }
      isNew = true
      const wait: Wait = {
        waiter: holder ?? '',
        requestId,
        fromMs: event.atMs,
        place: event.revision,
        untilMs,
        toMs: null,
        toRevision: null,
        outcome: null,
      }
      this.waiting.set(key, wait)
      this.#track(lane).waits.push(wait)
    }
    if (!isNew) return false
    this.refusals.push(event)
    return true
  }

  #served(
    requestId: string | null,
    holder: string | null,
    lane: string,
    event: LogEvent,
    outcome: 'granted' | 'withdrawn',
  ): void {
    const key = waitKey(requestId, holder, lane)
    const wait = this.waiting.get(key)
    if (wait === undefined) return
    this.waiting.delete(key)
    wait.toMs = event.atMs
    wait.toRevision = event.revision
    wait.outcome = outcome
  }
}

function humanKey({ data }: LogEvent, runId: string | null): string {
  const lane = textOf(data, 'lane')
  return JSON.stringify(runId === null ? [lane, null, textOf(data, 'holder')] : [lane, runId])
}

function waitKey(requestId: string | null, holder: string | null, lane: string): string {
  return JSON.stringify([requestId ?? holder, lane])
}

function spanOf({ revision, atMs, data }: LogEvent, leaseId: string): Span {
  return {
    leaseId,
    holder: textOf(data, 'holder') ?? textOf(data, 'newHolder') ?? '',
    token: revision,
    fromMs: atMs,
    mode: textOf(data, 'mode') ?? 'exclusive',
    region: textsOf(data, 'region'),
    ttlMs: numberOf(data, 'ttlMs') ?? 0,
    graceMs: numberOf(data, 'graceMs') ?? 0,
    isSeeded: false,
    toMs: null,
    endedBy: null,
    end: null,
  }
}
