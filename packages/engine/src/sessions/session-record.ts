/** Pieces of news that a session is remembered to have heard. */
const TOLD_MAX = 256

/** Leases that a session is remembered to have held. */
const KNOWN_MAX = 256

/** A lease that the session held when it was last heard of. */
export interface KnownLease {
  readonly leaseId: string
  readonly token: number
  readonly lane: string
}

/** The ledger that a session began in, by its name in the store and its id. */
export interface BegunIn {
  readonly name: string
  readonly ledgerId: string
}

/**
 * What is remembered of a session beside the log: its name, and what it has been told. Losing it costs a name and repeats
 * news; no grant rests on it.
 */
export interface SessionRecord {
  readonly name: string
  readonly knows: readonly KnownLease[]
  /** Ids of what it has been told. */
  readonly told: readonly string[]
  /** `null`: an older version has not noted it. */
  readonly begunIn: BegunIn | null
}

export function sessionRecord(name: string, begunIn: BegunIn | null): SessionRecord {
  return { name, knows: [], told: [], begunIn }
}

export function recordText({ name, knows, told, begunIn }: SessionRecord): string {
  return JSON.stringify({ version: 1, name, knows: knows.slice(-KNOWN_MAX), told: told.slice(-TOLD_MAX), begunIn })
}

/** `null` for what is torn, or of another version. */
export function readRecord(text: string): SessionRecord | null {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(given) || given['version'] !== 1) return null
  const { name, knows, told, begunIn } = given
  if (typeof name !== 'string' || name === '' || !Array.isArray(knows) || !Array.isArray(told)) return null
  return {
    name,
    knows: knows.flatMap((each: unknown) => knownLease(each)),
    told: told.filter(each => typeof each === 'string'),
    begunIn: begunInOf(begunIn),
  }
}

function knownLease(each: unknown): KnownLease[] {
  if (!isObject(each)) return []
  const { leaseId, token, lane } = each
  if (typeof leaseId !== 'string' || typeof token !== 'number' || typeof lane !== 'string') return []
  return [{ leaseId, token, lane }]
}

function begunInOf(given: unknown): BegunIn | null {
  if (!isObject(given)) return null
  const { name, ledgerId } = given
  return typeof name === 'string' && typeof ledgerId === 'string' ? { name, ledgerId } : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
