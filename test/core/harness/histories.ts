import * as fc from 'fast-check'
import { parseEntry, type LogEntry, type RawEntry } from '@holdfast/core'
import type { CutHistory } from '@holdfast/core/laws'
import { LEDGER_ID, nextEventId, processOf, TREES } from './alphabet.ts'
import { CoreLedger, type CoreLedgerOptions } from './core-ledger.ts'
import { HOLDERS, LANES, play, REGIONS, RICH, steps, type Step } from './steps.ts'

const KNOWN = ['ACQUIRE', 'RELEASE', 'HEARTBEAT', 'ADOPT', 'HALT', 'SPAWN', 'SCAVENGE', 'REFUSE', 'CHECKPOINT'] as const

const strayShape = {
  type: fc.constantFrom(...KNOWN, 'HEARTBEAT', 'RELEASE', 'ADOPT', 'FROB'),
  trouble: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'newer', 'unparseable', 'extra-fields'),
  lane: fc.constantFrom(...LANES),
  holder: fc.constantFrom(...HOLDERS),
  region: fc.constantFrom(...REGIONS),
  token: fc.nat({ max: 40 }),
  acquired: fc.nat({ max: 40 }),
  tree: fc.constantFrom(...TREES, undefined),
  flag: fc.boolean(),
  spanMs: fc.integer({ min: 0, max: 30 }),
  lateMs: fc.integer({ min: -10, max: 10 }),
  origin: fc.constantFrom(false, false, true),
  requestId: fc.constantFrom(undefined, 'r', 's'),
} as const
const strayFields = fc.record(strayShape)
type Stray = typeof strayFields extends fc.Arbitrary<infer S> ? S : never

/** An entry that nobody here decided: hostile, imported, newer, or only late. */
function strayRaw(stray: Stray, revision: number, nearMs: number): RawEntry {
  return {
    eventId: nextEventId(),
    revision,
    recordedAt: Math.max(0, nearMs + stray.lateMs),
    type: stray.type,
    schemaVersion: stray.trouble === 'newer' ? 2 : 1,
    actor: null,
    ...(stray.origin ? { origin: { format: 'test' } } : {}),
    data:
      stray.trouble === 'unparseable'
        ? { lane: 7 }
        : { ...strayData(stray), ...(stray.trouble === 'extra-fields' ? { future: [1] } : {}) },
  }
}

function strayData(stray: Stray): object {
  const { type, lane, holder, region, flag, spanMs } = stray
  const token = stray.origin && flag ? null : stray.token
  const subject = { lane, leaseId: `${lane}@${stray.acquired}`, token }
  const exit = { code: null, signal: 'SIGKILL' }
  const named = stray.requestId === undefined ? {} : { requestId: stray.requestId }
  switch (type) {
    case 'ACQUIRE':
      return {
        ...subject,
        ...named,
        holder,
        kind: flag ? 'big' : null,
        mode: 'shared',
        region,
        ...(stray.tree === undefined ? {} : { workTree: stray.tree }),
        ttlMs: spanMs + 1,
        graceMs: 3,
        process: null,
        attempt: 1,
        maxAttempts: 1,
        reap: 'optional',
      }
    case 'HEARTBEAT':
      return {
        ...subject,
        ...(flag ? { activity: { label: 'a', grantedMs: spanMs } } : { exit, metadata: { a: [1, null] } }),
      }
    case 'ADOPT':
      return {
        ...subject,
        previousToken: token,
        newHolder: holder,
        process: flag ? processOf(9) : null,
        forced: flag,
        ...(flag ? {} : { ground: 'expired' }),
      }
    case 'SCAVENGE':
      return { ...subject, cause: flag ? 'expired' : 'manual', disposition: 'retry', forced: !flag, evidence: {} }
    case 'HALT':
      return { handle: 'h', ...(flag ? subject : {}), ...(token === null ? { token: undefined } : {}) }
    case 'SPAWN':
      return { lane, holder, process: null, ttlMs: spanMs + 1 }
    case 'REFUSE':
      return {
        request: { op: 'acquire', holder, claims: [{ lane, region }], workTree: stray.tree },
        code: flag ? 'lane-held' : 'withdrawn',
        blockers: [],
        moreBlockers: 0,
        ticket: { requestId: stray.requestId ?? 'r', ttlMs: spanMs + 1 },
      }
    case 'CHECKPOINT':
      return {
        ledgerId: LEDGER_ID,
        throughRevision: 3,
        offset: 0,
        clockOffset: 0,
        minWriter: 1,
        config: flag ? {} : { workTrees: spanMs % 2 === 0 ? 'apart' : 'together' },
        state: { carrier: 'inline', value: flag ? {} : { leases: 'none' } },
      }
    case 'RELEASE':
    case 'FROB':
      return subject
  }
}

/** A log that decide produced, with free revisions after each command. */
export function decidedLog(script: readonly Step[], options: CoreLedgerOptions = {}): LogEntry[] {
  const ledger = new CoreLedger({ config: RICH, gaps: true, ...options })
  play(ledger, script)
  return ledger.log
}

/** Decided histories. */
export function decided(options: CoreLedgerOptions = {}, maxLength = 40): fc.Arbitrary<LogEntry[]> {
  return steps(maxLength).map(script => decidedLog(script, options))
}

const strays = fc.array(fc.tuple(fc.nat({ max: 100 }), strayFields), { maxLength: 12 })

/** Decided histories with stray entries in their gaps and at their end. */
export const mixed: fc.Arbitrary<LogEntry[]> = fc.tuple(steps(25), strays).map(([script, found]) => {
  const log = decidedLog(script)
  for (const [where, stray] of found) insert(log, 1 + (where % log.length), stray)
  return log
})

/** The first free place at or after `from` takes the entry. */
function insert(log: LogEntry[], from: number, stray: Stray): void {
  for (let index = from; index <= log.length; index += 1) {
    const previous = log[index - 1]
    if (previous === undefined || !isFree(log, index)) continue
    log.splice(index, 0, parseEntry(strayRaw(stray, previous.revision + 1, previous.recordedAt)))
    return
  }
}

function isFree(log: readonly LogEntry[], index: number): boolean {
  const previous = log[index - 1]
  const next = log[index]
  return previous !== undefined && (next === undefined || next.revision > previous.revision + 1)
}

/** A cut where a CHECKPOINT could be put: the revision after the head is nobody's. */
export function cut(log: readonly LogEntry[], where: number): CutHistory {
  const taken = new Set<number>(log.map(({ revision }) => revision))
  const places: number[] = []
  let head = -1
  for (const [index, { revision }] of log.entries()) {
    head = Math.max(head, revision)
    if (!taken.has(head + 1)) places.push(index + 1)
  }
  const index = places[where % places.length] ?? log.length
  return { before: log.slice(0, index), after: log.slice(index) }
}

/** Anything at all: strays only, any order of revisions, duplicates, with or without genesis. */
export const hostile: fc.Arbitrary<LogEntry[]> = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(fc.integer({ min: -1, max: 3 }), strayFields), { maxLength: 30 }))
  .map(([founded, found]) => {
    const log: LogEntry[] = founded ? new CoreLedger({ config: RICH }).log : []
    let revision = 0
    for (const [advance, stray] of found) {
      revision += advance
      log.push(parseEntry(strayRaw(stray, revision, revision * 2)))
    }
    return log
  })
