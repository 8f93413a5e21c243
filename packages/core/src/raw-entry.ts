/** What a store knows of an entry without understanding it. */
export interface RawEntry {
  readonly eventId: string
  readonly revision: number
  readonly recordedAt: number
  readonly type: string
  readonly schemaVersion: number
  readonly actor: unknown
  readonly runId?: unknown
  readonly causation?: unknown
  readonly origin?: unknown
  readonly data: unknown
}
