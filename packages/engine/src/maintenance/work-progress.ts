/** How far long work has come, for people who wait for it. */
export interface WorkProgress {
  readonly step: 'checking' | 'importing' | 'copying' | 'counting'
  readonly unit: 'bytes' | 'lines' | 'events'
  readonly done: number
  /** What `done` comes to in the end; others may add to it meanwhile. */
  readonly total: number
}

/** Told now and then, and at the end of each step. */
export type OnProgress = (progress: WorkProgress) => void
