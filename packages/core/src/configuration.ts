import * as z from 'zod'
import { Kind, Lane } from './ids.ts'
import { faultText } from './fault-text.ts'
import { canonical, parseRegion, regionProblemText } from './region/index.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Longest span that any setting accepts: a year. Keeps every deadline a safe integer. */
export const SPAN_MAX_MS = 366 * DAY

/** Characters of JSON that a configuration may have: it stands in every CHECKPOINT, which is one event. */
export const CONFIGURATION_LENGTH_MAX = 128 * 1024

/** Characters of JSON that the globs of one declared lane may have: a request may name many lanes and stays one event. */
export const DECLARED_REGION_LENGTH_MAX = 1024

const span = z.int().nonnegative().max(SPAN_MAX_MS)
const positiveSpan = z.int().positive().max(SPAN_MAX_MS)

const DeclaredLane = z.strictObject({
  /** Region of a request for this lane that names none. */
  region: z.array(z.string()).max(256).default([]),
  /** Kind of a request for this lane that names none. */
  kind: Kind.nullable().default(null),
})

const DEFAULTS = {
  caseSensitive: false,
  ttlDefaultMs: 90 * SECOND,
  ttlCeilingMs: 24 * HOUR,
  graceMs: 30 * SECOND,
  orphanGraceMs: 2 * MINUTE,
  activityCapMs: HOUR,
  ticketTtlMs: 30 * SECOND,
  refusalWindowMs: 30 * SECOND,
  requestMemoryMs: DAY,
  finalisationGraceMs: 5 * MINUTE,
  probeCount: 2,
  ageCeilingMs: 7 * DAY,
  effectAttempts: 3,
  freeLanes: true,
  clockStepBoundMs: 5 * SECOND,
}

/**
 * The configuration as a log gives it back: its shape alone. What stands in the log was accepted when it was written,
 * so a rule that is tightened later never makes an old ledger unreadable. A field that this code does not know does.
 */
export const RecordedConfiguration = z.strictObject({
  /** Whether paths that differ only in case are different. Immutable after genesis. */
  caseSensitive: z.boolean().default(DEFAULTS.caseSensitive),
  /** TTL of a lease whose request names none. */
  ttlDefaultMs: positiveSpan.default(DEFAULTS.ttlDefaultMs),
  /** A longer TTL is cut to this. */
  ttlCeilingMs: positiveSpan.default(DEFAULTS.ttlCeilingMs),
  /** How long a lease outlives its TTL before others may end it. Not the holder's time: its deadline has passed. */
  graceMs: span.default(DEFAULTS.graceMs),
  /** How much longer an expired lease with recorded children is kept, unless all of them are confidently dead. */
  orphanGraceMs: span.default(DEFAULTS.orphanGraceMs),
  /** Longest span that one announced activity may extend a lease by. */
  activityCapMs: span.default(DEFAULTS.activityCapMs),
  /** How long a waiting request keeps its place without a refresh. */
  ticketTtlMs: positiveSpan.default(DEFAULTS.ticketTtlMs),
  /** Within this span a repeated refusal with the same blockers is not appended again. */
  refusalWindowMs: span.default(DEFAULTS.refusalWindowMs),
  /** How long an ended request or a retry's attempt number is remembered. */
  requestMemoryMs: span.default(DEFAULTS.requestMemoryMs),
  /** How long a recorded exit leaves the holder to finish before others may act on it. */
  finalisationGraceMs: span.default(DEFAULTS.finalisationGraceMs),
  /** Consecutive probes that must find a process dead. */
  probeCount: z.int().min(2).max(100).default(DEFAULTS.probeCount),
  /** A lease held longer than this may be ended by a reaper (and then drains). */
  ageCeilingMs: positiveSpan.default(DEFAULTS.ageCeilingMs),
  /** Failed attempts of a reaper's effect after which the lease ends as failed. */
  effectAttempts: z.int().min(1).max(1000).default(DEFAULTS.effectAttempts),
  /** Lanes with a region or kind of their own. */
  lanes: z.record(Lane, DeclaredLane).default({}),
  /** Whether lanes that are not declared may be leased. */
  freeLanes: z.boolean().default(DEFAULTS.freeLanes),
  /**
   * Whether regions of different work trees conflict (`together`) or not (`apart`). Absent: together. `together` is not
   * written down, so that programs which do not know the setting go on with a ledger that has no need of it.
   */
  workTrees: z.enum(['together', 'apart']).optional().meta({ default: 'together' }),
  /** Lanes that live alone: nothing else is live beside them. */
  exclusiveLanes: z.array(Lane).max(1000).default([]),
  /** Kinds and how many of their leases may be live at once. */
  kinds: z.record(Kind, z.strictObject({ budget: z.int().min(1) })).default({}),
  /**
   * How far apart the clocks of a replicated store's nodes can be: by so much the log clock can step when the leader
   * changes. A decider that has not watched a lease on its own clock ends it, or what it left draining, later by this.
   */
  clockStepBoundMs: span.default(DEFAULTS.clockStepBoundMs),
  /**
   * What `ttlCeilingMs` and `activityCapMs` may never exceed. Immutable after genesis, so that whoever puts a backup back
   * knows for how long anything of the lost history may be believed in. Absent from ledgers that are older than it, and
   * from a configuration that is being set: see `leaseSpanBoundMs`.
   */
  leaseSpanBoundMs: positiveSpan.optional(),
})

type RecordedConfiguration = z.infer<typeof RecordedConfiguration>

/**
 * Everything that `decide` reads. It stands in the log (genesis, later changed by a CHECKPOINT), because two
 * processes with two files would admit differently. All spans are milliseconds on the log clock. Relations between
 * fields are checked beside faults of other fields, so that all are reported at once.
 */
export const Configuration = RecordedConfiguration.superRefine(
  (config, context) => {
    const faulty: Faulty = path => context.issues.some(issue => path.every((key, index) => issue.path?.[index] === key))
    const faults = [
      ...brokenRelations(config, faulty),
      ...(faulty(['lanes']) && !isRecord(config.lanes) ? [] : faultsOfLanes(config, faulty)),
    ]
    for (const { path, message } of faults) context.addIssue({ code: 'custom', path, message })
  },
  { when: ({ value }) => isRecord(value) },
)
export type Configuration = z.infer<typeof Configuration>
export type ConfigurationInput = z.input<typeof Configuration>

type Field = keyof RecordedConfiguration

/** Whether something at or below the path has a fault of its own already. */
type Faulty = (path: readonly PropertyKey[]) => boolean

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Broken {
  readonly path: (string | number)[]
  readonly message: string
}

interface Relation {
  /** The fields that it is between, the one to blame first. */
  readonly of: readonly [Field, ...Field[]]
  readonly holds: (config: RecordedConfiguration) => boolean
  readonly message: string
}

const RELATIONS: readonly Relation[] = [
  {
    of: ['ttlDefaultMs', 'ttlCeilingMs'],
    holds: config => config.ttlDefaultMs <= config.ttlCeilingMs,
    message: 'ttlDefaultMs must not exceed ttlCeilingMs',
  },
  {
    of: ['graceMs', 'ttlDefaultMs'],
    holds: config => config.graceMs < config.ttlDefaultMs,
    message: 'graceMs must be below ttlDefaultMs',
  },
  {
    of: ['ageCeilingMs', 'finalisationGraceMs'],
    holds: config => config.ageCeilingMs > config.finalisationGraceMs,
    message: 'ageCeilingMs must exceed finalisationGraceMs',
  },
  {
    of: ['ageCeilingMs', 'ttlDefaultMs'],
    holds: config => config.ageCeilingMs >= config.ttlDefaultMs,
    message: 'ageCeilingMs must not be below ttlDefaultMs',
  },
  {
    of: ['leaseSpanBoundMs', 'ttlCeilingMs', 'activityCapMs'],
    holds: config => config.leaseSpanBoundMs === undefined || leaseSpanMs(config) <= config.leaseSpanBoundMs,
    message:
      'ttlCeilingMs and activityCapMs must not exceed leaseSpanBoundMs, which is fixed when the ledger is made (a restored ledger drains for as long)',
  },
  {
    of: ['lanes', 'freeLanes'],
    holds: config => config.freeLanes || Object.keys(config.lanes).length > 0,
    message: 'with freeLanes false at least one lane must be declared',
  },
]

function brokenRelations(config: RecordedConfiguration, faulty: Faulty): readonly Broken[] {
  const broken = RELATIONS.filter(({ of, holds }) => !of.some(field => faulty([field])) && !holds(config))
  const faults: Broken[] = broken.map(({ of: [field], message }) => ({ path: [field], message }))
  if (!faulty([]) && JSON.stringify(config).length > CONFIGURATION_LENGTH_MAX) {
    const message = `the configuration must have at most ${CONFIGURATION_LENGTH_MAX} characters of JSON`
    faults.push({ path: ['lanes'], message })
  }
  return faults
}

function faultsOfLanes({ lanes, kinds, caseSensitive }: RecordedConfiguration, faulty: Faulty): readonly Broken[] {
  const sound = Object.entries(lanes).filter(([lane]) => !faulty(['lanes', lane]))
  const first = new Map(sound.toReversed().map(([lane]) => [laneForm(lane, caseSensitive), lane]))
  return sound.flatMap(([lane, { region, kind }]) => {
    const parsed = parseRegion(region, { caseSensitive })
    const bad = parsed.ok ? [] : parsed.problems
    const faults: Broken[] = bad.map(problem => ({
      path: ['lanes', lane, 'region', problem.index],
      message: regionProblemText(problem),
    }))
    if (JSON.stringify(region).length > DECLARED_REGION_LENGTH_MAX) {
      const message = `the region of a declared lane may have ${DECLARED_REGION_LENGTH_MAX} characters of JSON`
      faults.push({ path: ['lanes', lane, 'region'], message })
    }
    const same = first.get(laneForm(lane, caseSensitive))
    if (same !== undefined && same !== lane) {
      const message = 'this lane is declared twice: the same name in two forms of Unicode; leave one out'
      faults.push({ path: ['lanes', lane], message })
    }
    if (kind !== null && !faulty(['kinds']) && !Object.hasOwn(kinds, kind)) {
      const message = `kind ${kind} has no budget: name it under kinds, or leave it out`
      faults.push({ path: ['lanes', lane, 'kind'], message })
    }
    return faults
  })
}

/** Declared lanes of one form are one lane, whatever the forms they were typed in (`laneKey`). */
function laneForm(lane: string, caseSensitive: boolean): string {
  return caseSensitive ? lane : canonical(lane)
}

/**
 * The configuration of a ledger whose genesis names nothing else. Written out rather than parsed from `{}`: every
 * program that loads this module would pay for the parsing at its start.
 */
export const DEFAULT_CONFIGURATION: Configuration = { ...DEFAULTS, lanes: {}, exclusiveLanes: [], kinds: {} }

type Spans = Pick<RecordedConfiguration, 'ttlCeilingMs' | 'activityCapMs'>

/** The longest that one grant or beat can let a holder act under this configuration. The grace is not the holder's. */
export function leaseSpanMs({ ttlCeilingMs, activityCapMs }: Spans): number {
  return Math.max(ttlCeilingMs, activityCapMs)
}

/**
 * The longest that one grant or beat can ever let a holder act in this ledger, whatever is configured later. Where the log
 * does not say it (`isLeaseSpanBound` is false) it is what stands now and at least the default: likely enough, and not
 * proven, because an older program may set more.
 */
export function leaseSpanBoundMs(config: RecordedConfiguration): number {
  return config.leaseSpanBoundMs ?? Math.max(leaseSpanMs(config), leaseSpanMs(DEFAULTS))
}

/** Whether the log itself bounds how long a holder can be let act. */
export function isLeaseSpanBound({ leaseSpanBoundMs: boundMs }: RecordedConfiguration): boolean {
  return boundMs !== undefined
}

/** The configuration as a genesis records it: with its bound. */
export function withLeaseSpanBound(config: Configuration): Configuration {
  return { ...config, leaseSpanBoundMs: config.leaseSpanBoundMs ?? leaseSpanMs(config) }
}

/** The configuration as it is written down: without what only programs that know of work trees could read. */
export function recordedConfiguration(config: Configuration): Configuration {
  const { workTrees, ...common } = config
  return workTrees === 'apart' ? config : common
}

/** One fault of a configuration: where, and what is wrong. */
export interface ConfigurationFault {
  readonly path: string
  readonly message: string
}

export type ParsedConfiguration =
  | { readonly ok: true; readonly config: Configuration }
  | { readonly ok: false; readonly faults: readonly ConfigurationFault[] }

/** Checks a configuration and reports all faults at once, each with its path. */
export function parseConfiguration(input: unknown): ParsedConfiguration {
  const parsed = Configuration.safeParse(input)
  const passedOver = namesPassedOver(input)
  if (parsed.success && passedOver.length === 0) return { ok: true, config: parsed.data }
  const faults = parsed.error?.issues.map(issue => ({ path: issue.path.join('.'), message: faultText(issue) })) ?? []
  return { ok: false, faults: [...faults, ...passedOver] }
}

/** A record's schema leaves out the one name that would change the record itself, and says nothing. */
function namesPassedOver(input: unknown): readonly ConfigurationFault[] {
  if (!isRecord(input)) return []
  return ['lanes', 'kinds'].flatMap(field => {
    const named = input[field]
    const has = isRecord(named) && Object.hasOwn(named, '__proto__')
    return has ? [{ path: `${field}.__proto__`, message: 'this name cannot be configured' }] : []
  })
}
