import { decide, evolve, fork, recordNext, type Command, type LedgerState, type Surroundings } from '@holdfast/core'

const ROUNDS_MAX = 10

const GOT = new Set(['granted', 'adopted', 'scavenged', 'released'])

/** Fails unless the command gets what it asks for at that time, if nothing else happens meanwhile. */
export function expectGot(state: LedgerState, command: Command, around: Surroundings): void {
  const answer = retried(state, command, around)
  if (!GOT.has(answer)) throw new Error(`promised at ${around.nowMs}, then ${answer}: ${JSON.stringify(command)}`)
}

function retried(state: LedgerState, command: Command, around: Surroundings): string {
  let branch = fork(state)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const decision = decide(branch, command, around)
    if (decision.kind === 'final') return decision.outcome.outcome
    for (const event of decision.events) branch = evolve(branch, recordNext(branch, event, around))
  }
  return 'again and again'
}
