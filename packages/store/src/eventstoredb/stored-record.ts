/** An event as the server gives it, before anything is made of it. */
export interface StoredRecord {
  /** Its place in the physical stream, from 0; EventStoreDB calls it revision. */
  readonly position: number
  readonly eventId: string
  readonly type: string
  /** Parsed JSON; bytes for events that are not JSON. */
  readonly data: unknown
  readonly metadata: unknown
  /** The leader's wall clock when it took the append. */
  readonly createdMs: number
}

/** An event to write. */
export interface PhysicalEvent {
  readonly eventId: string
  readonly type: string
  readonly data: unknown
  readonly metadata: unknown
}

/** Physical expectation of an append. */
export type ExpectedPosition = number | 'no_stream' | 'any'

export interface ReadRequest {
  /** First position to give; absent: the first (forwards) or the last (backwards). */
  readonly from?: number | undefined
  readonly direction?: 'forwards' | 'backwards' | undefined
  readonly count: number
}
