import { decide, fold, snapshotState, type LogEntry } from '@holdfast/core'
import { checkpointData, parserOf } from '@holdfast/core/internal'
import type { Shape } from '@holdfast/core/internal'
import { PROTOCOL } from '@holdfast/engine/served'
import * as fc from 'fast-check'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { LEDGER_ID } from '../core/harness/alphabet.ts'
import type { Deciding } from '../core/harness/core-ledger.ts'
import { decided, decidedLog, hostile, mixed } from '../core/harness/histories.ts'
import { expectCaught, runs } from '../core/harness/properties.ts'
import { steps } from '../core/harness/steps.ts'
import { altered } from './altered-json.ts'
import { madeShapes, type MadeShapes, type Shapes } from './made-shapes.ts'

interface Sample {
  /** Name of the shape that reads it. */
  readonly shape: string
  readonly value: unknown
}

/** What a store holds of a log. */
function stored(log: readonly LogEntry[]): Sample[] {
  const events = log.flatMap((entry): Sample[] => {
    const { data, ...envelope } = entry.type === 'UNRECOGNISED' ? entry.raw : entry
    const { type } = envelope
    return [
      { shape: 'StoredEnvelope', value: envelope },
      { shape: `StoredData.${type}`, value: data },
      ...(entry.type === 'CHECKPOINT' ? [{ shape: 'StoredState', value: stateIn(entry.data.state) }] : []),
    ]
  })
  return [...events, { shape: 'StoredState', value: snapshotState(fold(log)) }]
}

function stateIn(state: { readonly carrier: string; readonly value?: unknown }): unknown {
  return state.carrier === 'inline' ? state.value : {}
}

/** What reading came to, in full: the order of fields, undefined ones and prototypes too. */
function reading(shapes: Shapes, { shape, value }: Sample): string {
  const read = shapes[shape]
  if (read === undefined) return 'no such shape'
  try {
    return inspect(read.safeParse(value), {
      depth: null,
      maxArrayLength: null,
      maxStringLength: null,
      showHidden: true,
    })
  } catch (error) {
    return `throws ${String(error)}`
  }
}

const same = ({ schemas, made }: MadeShapes, samples: fc.Arbitrary<Sample[]>) =>
  fc.property(samples, all => {
    for (const sample of all) expect(reading(made, sample)).toBe(reading(schemas, sample))
  })

const alteredSamples = (logs: fc.Arbitrary<LogEntry[]>): fc.Arbitrary<Sample[]> =>
  logs.chain(log =>
    fc.tuple(...stored(log).map(({ shape, value }) => altered(fc.constant(value)).map(value => ({ shape, value })))),
  )

const SHAPES = 'core/src/stored-shapes.ts'

/** Commands of any history, as somebody gives them. */
const commands: fc.Arbitrary<Sample[]> = steps(15).map(script => {
  const found: Sample[] = []
  const watch: Deciding = (state, command, around) => {
    found.push({ shape: `FrequentCommands.${command.type}`, value: command })
    return decide(state, command, around)
  }
  decidedLog(script, { decide: watch })
  return found.filter(({ shape }) => !/configure|found|checkpoint|repair/.test(shape))
})

describe('the parsers of commands in the published program', () => {
  let shapes: MadeShapes
  beforeAll(async () => {
    shapes = await madeShapes('core/src/decide/command-shapes.ts')
  })

  test('read what is asked for as the schemas do, and ask none of them', () => {
    const plain = commands.map(all =>
      all.filter(({ value }) => !(typeof value === 'object' && value !== null && 'metadata' in value)),
    )
    fc.assert(same(shapes, plain), runs(40))
    expect(shapes.timesAsked()).toBe(0)
  })

  test('read what was altered anywhere as the schemas do', () => {
    const changed = commands.chain(all =>
      fc.tuple(...all.map(({ shape, value }) => altered(fc.constant<unknown>(value)).map(value => ({ shape, value })))),
    )
    fc.assert(same(shapes, changed), runs(40))
    expect(shapes.timesAsked()).toBeGreaterThan(0)
  })
})

describe('the parsers that a process makes of the schemas of commands', () => {
  let shapes: MadeShapes
  beforeAll(async () => {
    const { schemas } = await madeShapes('core/src/decide/command-shapes.ts')
    let asked = 0
    const made = Object.entries(schemas).map(([name, schema]): [string, Shape<unknown>] => {
      const counted = (input: unknown) => {
        asked += 1
        return schema.safeParse(input)
      }
      return [
        name,
        parserOf(
          new Proxy(schema, { get: (of, key): unknown => (key === 'safeParse' ? counted : Reflect.get(of, key)) }),
        ),
      ]
    })
    shapes = { schemas, made: Object.fromEntries(made), timesAsked: () => asked }
  })

  test('read what is asked for as the schemas do, and ask none of them', () => {
    const plain = commands.map(all =>
      all.filter(({ value }) => !(typeof value === 'object' && value !== null && 'metadata' in value)),
    )
    fc.assert(same(shapes, plain), runs(40))
    expect(shapes.timesAsked()).toBe(0)
  })

  test('read what was altered anywhere as the schemas do', () => {
    const changed = commands.chain(all =>
      fc.tuple(...all.map(({ shape, value }) => altered(fc.constant<unknown>(value)).map(value => ({ shape, value })))),
    )
    fc.assert(same(shapes, changed), runs(40))
    expect(shapes.timesAsked()).toBeGreaterThan(0)
  })
})

describe('the parsers of what a server says', () => {
  const head = fc.oneof(fc.constant('none'), fc.nat())
  const MESSAGES = 'engine/src/served/messages-shapes.ts'
  const hello = fc.record({
    hello: fc.constant(PROTOCOL),
    process: fc.constant({ host: 'h', bootId: null, pidNamespace: null, pid: 1, processStart: '1' }),
    store: fc.record({ url: fc.string(), file: fc.option(fc.string()) }),
    ledgerId: fc.uuid(),
    head,
    boot: fc.record({ bootId: fc.string(), timeNamespace: fc.string(), originMs: fc.integer() }),
  })
  const failure = fc.record(
    {
      code: fc.string(),
      message: fc.string(),
      detail: fc.string(),
      faults: fc.array(fc.record({ path: fc.string(), message: fc.string() })),
    },
    { requiredKeys: ['code', 'message'] },
  )

  test.each([
    ['ServerHello', hello],
    ['ServerMessages.ok', fc.record({ id: fc.nat(), ok: fc.jsonValue(), head })],
    ['ServerMessages.error', fc.record({ id: fc.nat(), error: failure })],
    ['ServerMessages.told', fc.record({ id: fc.nat(), told: fc.jsonValue() })],
    ['BeatShape', fc.record({ outcome: fc.jsonValue(), isLive: fc.boolean() })],
    ['Waited', fc.record({ outcome: fc.jsonValue(), sentAtBootMs: fc.double() })],
    ['DrainsShape', fc.record({ nowMs: fc.integer(), untilMs: fc.option(fc.integer()) })],
  ] as const)('%s', async (shape, values) => {
    const shapes = await madeShapes(MESSAGES)
    const samples = altered(values).map(value => [{ shape, value }])
    fc.assert(same(shapes, samples), runs(200))
    const late = {
      ...shapes,
      made: Object.fromEntries(Object.entries(shapes.schemas).map(([name, schema]) => [name, parserOf(schema)])),
    }
    fc.assert(same(late, samples), runs(200))
  })
})

describe('the parsers of the published program', () => {
  let shapes: MadeShapes
  beforeAll(async () => {
    shapes = await madeShapes(SHAPES)
  })

  test('read what was decided as the schemas do, and ask none of them', () => {
    fc.assert(same(shapes, decided().map(stored)), runs(60))
    expect(shapes.timesAsked()).toBe(0)
  })

  test('read hostile logs as the schemas do', () => {
    fc.assert(same(shapes, hostile.map(stored)), runs(60))
  })

  test('read what was altered anywhere as the schemas do', () => {
    fc.assert(same(shapes, alteredSamples(mixed)), runs(60))
    expect(shapes.timesAsked()).toBeGreaterThan(0)
  })

  test.each([
    ['a bound', ' && i.length <= 256', ''],
    ['a function that a name must pass', ' && isTrimmed(i)', ''],
    ['that numbers are whole', ' && Number.isSafeInteger(i)', ''],
    ['fields that it does not know', "'kept'", "'dropped'"],
    ['a default', '() => ("")', '() => (" ")'],
    ['which words there are', '.has(i) ? i : UNDECIDED', '.size > 0 ? i : UNDECIDED'],
  ])('mutant: a parser that forgets %s is caught', async (_what, written, instead) => {
    const mutant = await madeShapes(SHAPES, source => {
      expect(source).toContain(written)
      return source.replaceAll(written, instead)
    })
    expectCaught(same(mutant, alteredSamples(mixed)))
  })
})

describe('the parsers of what lies beside a database', () => {
  const sha256 = fc.constant('ab'.repeat(32))
  const header = fc.record({
    format: fc.constantFrom(1, 2),
    ledgerId: fc.uuid(),
    codeVersion: fc.string(),
    throughRevision: fc.nat(),
    eventHash: sha256,
    stateHash: sha256,
  })
  const line = fc.tuple(fc.nat(), fc.uuid(), fc.string(), fc.nat(), fc.nat(), fc.string())
  const carrier = fc.oneof(
    fc.record({ carrier: fc.constant('inline'), value: fc.jsonValue() }),
    fc.record({ carrier: fc.constant('parts'), stream: fc.string(), parts: fc.nat(), sha256 }),
    fc.record({ carrier: fc.constant('beside'), stream: fc.string() }),
  )
  const cached = decided().map(log => {
    const state = fold(log)
    return { checkpoint: checkpointData(state, { reason: '' }), head: state.head, lastEventId: LEDGER_ID }
  })

  const guard = fc.record(
    {
      unclaimed: fc.constantFrom('allow', 'warn', 'refuse', 'claim', 'else'),
      outside: fc.constantFrom('allow', 'warn', 'refuse'),
      claimTtl: fc.string(),
      folderFiles: fc.integer({ min: -1, max: 1002 }),
      claimsMax: fc.double(),
      timeout: fc.constantFrom('5s', ''),
      hooks: fc.constant({}),
    },
    { requiredKeys: [] },
  )
  const guardAlone = fc.record({ $schema: fc.string(), guard, liveness: fc.constant({}) }, { requiredKeys: [] })

  test.each([
    ['store/src/sqlite/file-shapes.ts', 'SnapshotHeader', header],
    ['store/src/sqlite/file-shapes.ts', 'ChunkLines', fc.array(line)],
    ['store/src/carrier-shapes.ts', 'StoredCarrier', carrier],
    ['projections/src/ledger/cached-shapes.ts', 'CachedFold', cached],
    ['cli/src/input/guard-configuration-shapes.ts', 'GuardAlone', guardAlone],
    ['cli/src/input/writer-shapes.ts', 'WriterHolder', fc.string()],
    ['cli/src/input/writer-shapes.ts', 'WriterToken', fc.oneof(fc.integer(), fc.double())],
  ] as const)('%s: %s', async (file, shape, values) => {
    const shapes = await madeShapes(file)
    const samples = altered(values).map(value => [{ shape, value }])
    fc.assert(same(shapes, samples), runs(300))
  })
})
