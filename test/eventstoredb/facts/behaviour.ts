import { randomUUID } from 'node:crypto'
import {
  jsonEvent,
  type AppendExpectedRevision,
  type EventStoreDBClient,
  type ReadStreamOptions,
} from '@eventstore/db-client'
import { EsdbFixture } from '../fixture/esdb-fixture.ts'
import { bareClient, PLAIN, until } from '../harness.ts'

/** What was seen, by the name of the fact. */
export type Observed = Map<string, unknown>

export type Path = 'batch' | 'plain'

export const PATHS: readonly Path[] = ['batch', 'plain']

export interface Probe {
  readonly client: EventStoreDBClient
  readonly fixture: EsdbFixture
}

export async function withFixture(run: (probe: Probe) => Promise<void>): Promise<void> {
  const fixture = await EsdbFixture.start()
  const client = bareClient(fixture.url())
  await run({ client, fixture })
  await fixture.close()
  await client.dispose()
}

export function event(id: string = randomUUID(), data: Record<string, unknown> = {}) {
  return jsonEvent({ id, type: 'Probe', data })
}

/** An append's answer or error in the shape in which the facts were written down. */
export async function answer(appending: Promise<unknown>): Promise<unknown> {
  try {
    return told(await appending)
  } catch (error) {
    return { error: describeError(error) }
  }
}

export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { value: error }
  const names = ['type', 'code', 'message', 'streamName', 'expectedVersion', 'actualVersion', 'maxAppendSize']
  const told: Record<string, unknown> = { name: error.constructor.name }
  for (const name of names) {
    const value: unknown = Reflect.get(error, name)
    if (value !== undefined) told[name] = typeof value === 'bigint' ? `${value}n` : value
  }
  return told
}

function told(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)))
}

export function appendOn(client: EventStoreDBClient, path: Path) {
  return (
    stream: string,
    events: ReturnType<typeof event>[],
    expectedRevision?: AppendExpectedRevision,
    more: { readonly deadline?: number; readonly requiresLeader?: boolean } = {},
  ) =>
    client.appendToStream(stream, events, {
      ...(expectedRevision === undefined ? {} : { expectedRevision }),
      ...(path === 'plain' ? PLAIN : {}),
      ...more,
    })
}

export async function revisions(
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<readonly number[]> {
  const found: number[] = []
  for await (const { event: read } of client.readStream(stream, options)) if (read) found.push(Number(read.revision))
  return found
}

export const batchFacts = (observed: Observed): Promise<void> => pathFacts('batch', observed)
export const plainFacts = (observed: Observed): Promise<void> => pathFacts('plain', observed)

async function pathFacts(path: Path, observed: Observed): Promise<void> {
  await withFixture(async ({ client }) => {
    const append = appendOn(client, path)
    const note = async (what: string, appending: Promise<unknown>): Promise<void> => {
      observed.set(`${path}: ${what}`, await answer(appending))
    }
    await note('append noStream 2 events', append('probe-append', [event(), event()], 'no_stream'))
    await note('append expected 1', append('probe-append', [event()], 1n))
    await note('append expected 0 when head is 2', append('probe-append', [event()], 0n))
    await note('append expected 9 when head is 2', append('probe-append', [event()], 9n))
    await note('append noStream when it exists', append('probe-append', [event()], 'no_stream'))
    await note('append expected 0 on a missing stream', append('probe-none', [event()], 0n))
    await note('append streamExists on a missing stream', append('probe-none', [event()], 'stream_exists'))
    await note('append no events, expected 2', append('probe-append', [], 2n))

    const a = [event(), event()]
    const b = [event(), event()]
    await append('probe-idem', a, 'no_stream')
    await append('probe-idem', b, 1n)
    await note('repeat a at noStream after b', append('probe-idem', a, 'no_stream'))
    await note('repeat b at 1', append('probe-idem', b, 1n))
    await append('probe-idem', [event()], 3n)
    await note('repeat b at 1 after another event', append('probe-idem', b, 1n))
    await note('repeat b at wrong revision 3', append('probe-idem', b, 3n))
    await note('repeat b at ANY', append('probe-idem', b, 'any'))
    await note('first half of b at 1', append('probe-idem', b.slice(0, 1), 1n))
    await note('b plus a new event at 1', append('probe-idem', [...b, event()], 1n))
    observed.set(`${path}: revisions now`, { value: await revisions(client, 'probe-idem') })
  })
}

export async function readingFacts(observed: Observed): Promise<void> {
  await withFixture(async ({ client, fixture }) => {
    const append = appendOn(client, 'batch')
    const note = async (what: string, reading: Promise<unknown>): Promise<void> => {
      const seen = await reading.then(
        value => ({ value }),
        (error: unknown) => ({ error: describeError(error) }),
      )
      observed.set(what, seen)
    }
    const ten = Array.from({ length: 10 }, () => event())
    await append('probe-read', ten)
    await note('read from 3 max 2', revisions(client, 'probe-read', { fromRevision: 3n, maxCount: 2 }))
    await note('read from beyond the end', revisions(client, 'probe-read', { fromRevision: 99n }))
    const back = { direction: 'backwards', maxCount: 3 } as const
    await note('read backwards from end max 3', revisions(client, 'probe-read', { ...back, fromRevision: 'end' }))
    const beyond = revisions(client, 'probe-read', { ...back, fromRevision: 99n })
    await note('read backwards from beyond the end max 3', beyond)
    await note('read a missing stream', revisions(client, 'probe-none'))
    await note('maxCount 1 after 3 events', keepOne(client))
    await shapeFact(client, observed)
    await truncationFacts(client, observed, note)
    await deletionFacts(client, observed, note)
    await subscriptionFacts({ client, fixture }, observed)
  })
}

async function keepOne(client: EventStoreDBClient): Promise<readonly number[]> {
  await client.appendToStream('probe-max', [event(), event(), event()])
  await client.setStreamMetadata('probe-max', { maxCount: 1 })
  return revisions(client, 'probe-max')
}

async function shapeFact(client: EventStoreDBClient, observed: Observed): Promise<void> {
  for await (const { event: read } of client.readStream('probe-read', { maxCount: 1 })) {
    if (read === undefined) continue
    observed.set('shape of a read event', {
      keys: Object.keys(read),
      createdType: read.created.constructor.name,
      revision: `${read.revision}n`,
    })
  }
  const created: number[] = []
  for await (const { event: read } of client.readStream('probe-read')) if (read) created.push(read.created.getTime())
  const nowMs = Date.now()
  const ordered = created.every((at, index) => at >= (created[index - 1] ?? 0))
  const within = created.every(at => Math.abs(at - nowMs) < 60_000)
  observed.set('created', { within, monotonic: ordered, integerMs: created.every(at => Number.isInteger(at)) })
  observed.set('created inside one batch of 100: distinct values', { distinct: new Set(created).size })
}

type Note = (what: string, reading: Promise<unknown>) => Promise<void>

async function truncationFacts(client: EventStoreDBClient, observed: Observed, note: Note): Promise<void> {
  const stream = 'probe-trunc'
  const append = appendOn(client, 'batch')
  await append(
    stream,
    Array.from({ length: 10 }, () => event()),
  )
  const cut = (truncateBefore: number, expectedRevision?: bigint) =>
    client.setStreamMetadata(stream, { truncateBefore }, expectedRevision === undefined ? {} : { expectedRevision })
  observed.set('set truncateBefore 6', await answer(cut(6)))
  await note('read from start after it', revisions(client, stream))
  await note('read from 2 after it', revisions(client, stream, { fromRevision: 2n }))
  await note('read backwards after it', revisions(client, stream, { direction: 'backwards', fromRevision: 'end' }))
  const { streamName, metadata, metastreamRevision } = await client.getStreamMetadata(stream)
  observed.set('metadata', { streamName, metadata, metastreamRevision: `${metastreamRevision}n` })
  const wrong = 'set truncateBefore again with a wrong metastream revision'
  observed.set(wrong, await answer(cut(7, 5n)))
  observed.set('truncateBefore beyond the end', await answer(cut(99)))
  await note('read when all is truncated', revisions(client, stream))
  observed.set('append at 9 when all is truncated', await answer(append(stream, [event()], 9n)))
  await note('read after that append', revisions(client, stream))
  observed.set('lower truncateBefore to 3', await answer(cut(3)))
  await note('read after lowering (no scavenge ran)', revisions(client, stream))
}

async function deletionFacts(client: EventStoreDBClient, observed: Observed, note: Note): Promise<void> {
  const stream = 'probe-del'
  const batch = appendOn(client, 'batch')
  await batch(stream, [event(), event(), event()])
  observed.set('soft delete', await answer(client.deleteStream(stream)))
  await note('read after soft delete', revisions(client, stream))
  observed.set('append noStream after soft delete', await answer(batch(stream, [event()], 'no_stream')))
  await note('read after it', revisions(client, stream))
  observed.set('append expected 3', await answer(batch(stream, [event()], 3n)))
  observed.set('tombstone', await answer(client.tombstoneStream(stream)))
  observed.set('append after tombstone (batch)', await answer(batch(stream, [event()])))
  observed.set('append after tombstone (plain)', await answer(appendOn(client, 'plain')(stream, [event()])))
  await note('read after tombstone', revisions(client, stream))
}

async function subscriptionFacts({ client }: Probe, observed: Observed): Promise<void> {
  const append = appendOn(client, 'batch')
  await append('probe-sub', [event(), event()])
  const got: number[] = []
  const events: string[] = []
  const subscription = client.subscribeToStream('probe-sub', { fromRevision: 1n })
  subscription.on('confirmation', () => events.push('confirmation'))
  subscription.on('caughtUp', () => events.push('caughtUp'))
  subscription.on('data', ({ event: read }) => void got.push(Number(read?.revision)))
  await until(() => events.length === 2, 'catching up')
  for (let count = 0; count < 10; count += 1) await append('probe-sub', [event()])
  await until(() => got.length === 10, 'the events')
  const inOrder = got.every((revision, index) => revision === index + 2)
  observed.set('subscription after 1: order and delay', { first: got[0], inOrder, events })
  await subscription.unsubscribe()

  await append(
    'probe-cut',
    Array.from({ length: 10 }, () => event()),
  )
  await client.setStreamMetadata('probe-cut', { truncateBefore: 6 })
  observed.set('subscribe from start of a truncated stream', { got: await collect(client, 'probe-cut', undefined, 4) })
  const late = collect(client, 'probe-none-yet', undefined, 1)
  await append('probe-none-yet', [event()])
  observed.set('subscribe to a missing stream, then create it', { got: await late, errors: [] })
  const errors: unknown[] = []
  const none: number[] = []
  const beyond = client.subscribeToStream('probe-sub', { fromRevision: 99n })
  beyond.on('data', ({ event: read }) => void none.push(Number(read?.revision)))
  beyond.on('error', error => errors.push(error))
  await new Promise<void>(resolve => beyond.on('confirmation', resolve))
  await append('probe-sub', [event()])
  await revisions(client, 'probe-sub')
  observed.set('subscribe from beyond the end, then one append', { got: none, errors })
  await beyond.unsubscribe()
}

async function collect(
  client: EventStoreDBClient,
  stream: string,
  fromRevision: bigint | undefined,
  count: number,
): Promise<readonly number[]> {
  const got: number[] = []
  const subscription = client.subscribeToStream(stream, fromRevision === undefined ? {} : { fromRevision })
  subscription.on('data', ({ event: read }) => void got.push(Number(read?.revision)))
  await until(() => got.length >= count, `${count} events`)
  await subscription.unsubscribe()
  return got
}

export async function namesAndSizes(observed: Observed): Promise<void> {
  await withFixture(async ({ client }) => {
    for (const path of PATHS) {
      const append = appendOn(client, path)
      for (const kib of [512, 1000, 1023, 1024, 1025, 2048, 20_000]) {
        const large = event(undefined, { x: 'x'.repeat(kib * 1024) })
        const stream = `probe-size-${path}-${kib}`
        observed.set(`${path}: one event of ${kib} KiB`, await answer(append(stream, [large])))
      }
      const many = Array.from({ length: 300 }, () => event(undefined, { x: 'x'.repeat(10 * 1024) }))
      observed.set(`${path}: 300 events of 10 KiB in one append`, await answer(append(`probe-many-${path}`, many)))
    }
    const small = Array.from({ length: 5000 }, () => event())
    const appended = await answer(appendOn(client, 'plain')('probe-small', small))
    observed.set('plain: 5000 small events in one append', appended)
    await nameFacts(client, observed)
    await raceFacts(client, observed)
  })
}

async function nameFacts(client: EventStoreDBClient, observed: Observed): Promise<void> {
  const names = [
    '',
    ' ',
    'a b',
    'ü/☃',
    '$own',
    '$$meta',
    'x'.repeat(300),
    'x'.repeat(5000),
    'new\nline',
    '../up',
    'a-b-c',
  ]
  for (const name of names) {
    const what = `stream name ${JSON.stringify(name.slice(0, 20))} (${name.length})`
    observed.set(what, await answer(client.appendToStream(name, event())))
  }
}

async function raceFacts(client: EventStoreDBClient, observed: Observed): Promise<void> {
  const kinds: Record<string, number> = {}
  let wins = 0
  await client.appendToStream('probe-race', event())
  for (let round = 0n; round < 20n; round += 1n) {
    const racing = Array.from({ length: 64 }, () =>
      client.appendToStream('probe-race', event(), { expectedRevision: round }).then(
        () => (wins += 1),
        (error: unknown) => {
          const kind = String(Reflect.get(Object(error) as object, 'type'))
          kinds[kind] = (kinds[kind] ?? 0) + 1
        },
      ),
    )
    await Promise.all(racing)
  }
  const { length } = await revisions(client, 'probe-race')
  observed.set('20 rounds of 64 appends at one expected revision', { wins, kinds, revisions: length })
}
