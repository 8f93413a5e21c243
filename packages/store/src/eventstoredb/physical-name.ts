import { checkStreamName } from '../stream-name.ts'

/** Streams of ledgers. A name with this prefix never begins with `$`, which the server keeps for itself. */
const LEDGER_PREFIX = 'holdfast-'

/** Streams beside the ledgers: no ledger can have such a name, whatever it is called. */
const SIDE_PREFIX = 'holdfast.'

/** Takes the appends that only ask the leader for its clock. */
export const CLOCK_STREAM = `${SIDE_PREFIX}clock`

/** The physical stream of a ledger. Throws `invalid` for a name that some store could not hold. */
export function physicalName(ledger: string): string {
  checkStreamName(ledger)
  return `${LEDGER_PREFIX}${ledger}`
}

/** Where the events go that a compaction takes out of a ledger's stream. */
export function archiveName(ledger: string): string {
  return `${SIDE_PREFIX}archive-${ledger}`
}
