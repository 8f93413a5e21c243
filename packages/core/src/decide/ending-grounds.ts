/** What is known against a lease, in ms at one moment. */
export interface EndingFacts {
  /** It stands under a reaper's claim. */
  readonly claimed: boolean
  /** For how long its exit has been recorded; `null`: none is. */
  readonly exitForMs: number | null
  readonly ownedForMs: number
  readonly silentForMs: number
  readonly graceMs: number
  /** Past its time. */
  readonly expired: boolean
  /** Past the time by which recorded children delay its end. */
  readonly orphanGraceOver: boolean
  /** All recorded children are confidently dead, or there are none. */
  readonly childrenDead: boolean
  /** How often in a row its process and all recorded children were found dead. */
  readonly deadProbes: number
}

export interface EndingLimits {
  readonly probeCount: number
  readonly finalisationGraceMs: number
  readonly ageCeilingMs: number
}

export interface EndingGrounds {
  /** Past its time, as the decider may count on it; recorded children delay it unless all of them are confidently dead. */
  readonly expired: boolean
  /** Bound, silent for longer than the grace, and its process and children found dead often enough in a row. */
  readonly processDead: boolean
  /** Its exit has been recorded for longer than the finalisation grace. Never against a reaper's claim. */
  readonly exited: boolean
  /** Owned for longer than the ceiling. Never against a reaper's claim. Counts as force. */
  readonly overAge: boolean
}

/**
 * On which grounds somebody else may end a lease: the one rule, by which a reaper plans and the decider decides. Evidence
 * of an exit or an age never counts against a reaper's claim.
 */
export function endingGrounds(facts: EndingFacts, limits: EndingLimits): EndingGrounds {
  const { claimed, exitForMs } = facts
  return {
    expired: facts.expired && (facts.childrenDead || facts.orphanGraceOver),
    processDead: facts.deadProbes >= limits.probeCount && facts.silentForMs > facts.graceMs,
    exited: !claimed && exitForMs !== null && exitForMs > limits.finalisationGraceMs,
    overAge: !claimed && facts.ownedForMs > limits.ageCeilingMs,
  }
}
