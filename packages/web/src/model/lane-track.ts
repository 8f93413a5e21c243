/** How an ownership ended. */
export type SpanEnd = 'released' | 'evicted' | 'adopted'

/** One ownership of a lease: what is drawn as a bar. */
export interface Span {
  readonly leaseId: string
  readonly holder: string
  /** Revision that began it; the token of this ownership. */
  readonly token: number
  readonly fromMs: number
  readonly mode: string
  readonly region: readonly string[]
  readonly graceMs: number
  readonly ttlMs: number
  /** Known from the live set alone: the event that began it was not loaded. */
  readonly isSeeded: boolean
  toMs: number | null
  endedBy: number | null
  end: SpanEnd | null
}

export type MarkKind = 'refused' | 'halt' | 'adopted' | 'evicted'

/** Something that happened at an instant. */
export interface Mark {
  readonly kind: MarkKind
  readonly revision: number
  readonly atMs: number
}

/** Somebody who waits in the line of a lane, or did. */
export interface Wait {
  readonly waiter: string
  readonly requestId: string | null
  readonly fromMs: number
  /** Revision of the refusal that opened it. */
  readonly place: number
  /** When the place is lost, unless it is refreshed. */
  untilMs: number
  toMs: number | null
  toRevision: number | null
  outcome: 'granted' | 'withdrawn' | null
}

/** Everything of one lane that the time axis shows, in the order of the log. */
export class LaneTrack {
  readonly lane: string
  readonly spans: Span[] = []
  readonly marks: Mark[] = []
  readonly waits: Wait[] = []
  /** Beats, as two columns: there are far more of them than of anything else. */
  readonly beatsMs: number[] = []
  readonly beatRevisions: number[] = []
  /** Revision of the first event that is known of it. */
  firstRevision = Number.MAX_SAFE_INTEGER
  newestRevision = 0
  newestMs = 0

  constructor(lane: string) {
    this.lane = lane
  }

  /** Drops what ended before an event that is the oldest now. True where nothing is left. */
  cutBefore({ revision, atMs }: { readonly revision: number; readonly atMs: number }): boolean {
    dropFirst(this.marks, mark => mark.revision >= revision)
    // Of -1, for none, this makes more than there are.
    const beats = this.beatRevisions.findIndex(beat => beat >= revision) >>> 0
    this.beatsMs.splice(0, beats)
    this.beatRevisions.splice(0, beats)
    keep(this.spans, ({ endedBy }) => endedBy === null || endedBy >= revision)
    keep(this.waits, ({ toMs, untilMs }) => (toMs ?? untilMs) >= atMs)
    return this.newestRevision < revision && this.spans.length + this.waits.length === 0
  }

  /** The ownerships that have not ended, newest first. */
  open(): Span[] {
    const open: Span[] = []
    for (let at = this.spans.length - 1; at >= 0; at -= 1) {
      const span = this.spans[at]
      if (span?.end === null) open.push(span)
      // Those that are open stand near the end: what was shared by many readers is bounded by their number.
      if (open.length === 0 && this.spans.length - at > OPEN_LOOK_MAX) break
    }
    return open
  }
}

/** Drops what stands before the first that is wanted; all of it where none is. */
function dropFirst<T>(list: T[], isWanted: (one: T) => boolean): void {
  list.splice(0, list.findIndex(isWanted) >>> 0)
}

function keep<T>(list: T[], isWanted: (one: T) => boolean): void {
  let kept = 0
  for (const one of list) {
    if (!isWanted(one)) continue
    list[kept] = one
    kept += 1
  }
  list.length = kept
}

/** Spans of a lane that are looked through for an open one. */
const OPEN_LOOK_MAX = 512
