import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { openEventStoreDbStore, type EventStoreDbOptions } from '@holdfast/store/eventstoredb'
import type { LogStore } from '@holdfast/store'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import type { AppendFault } from './fixture/fixture-node.ts'
import { selfSigned } from './fixture/self-signed.ts'
import { SHORT } from './fixture-factory.ts'
import {
  bareClient,
  bareEvent,
  beat,
  beats,
  checkpoint,
  idsOf,
  LEDGER,
  readAll,
  revision,
  STREAM,
  until,
} from './harness.ts'

const open = (url: string, options: Partial<EventStoreDbOptions> = {}): Promise<LogStore> =>
  openEventStoreDbStore({ url, ...SHORT, ...options })

const FAULTS: readonly AppendFault[] = [
  'lose-answer',
  'reset-after-commit',
  'reset-before-commit',
  'timeout-after-commit',
  'timeout-before-commit',
]

const fault = fc.constantFrom<AppendFault | 'none'>('none', ...FAULTS)

describe('unknown outcomes', () => {
  it.each(FAULTS)('%s: an append at its head, one at any head and a commit are each written once', async one => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    const events = [beat('a'), beat('b'), beat('c')]
    const [first = beat(), second = beat(), third = beat()] = events
    fixture.leader.faults.push(one)
    expect(await store.append(LEDGER, 'none', [first])).toMatchObject({ outcome: 'appended', first: 0 })
    fixture.leader.faults.push(one)
    expect(await store.append(LEDGER, 'any', [second])).toMatchObject({ outcome: 'appended', first: 1 })
    fixture.leader.faults.push(one)
    const committed = await store.commit(LEDGER, revision(1), { absorb: () => undefined, decide: () => [third] })
    expect(committed.head).toBe(2)
    expect(idsOf(await readAll(store))).toEqual(idsOf(committed.entries).length === 1 ? events.map(e => e.eventId) : [])
  })

  it('naively, a lost answer is a conflict with oneself or an event twice', async () => {
    await using fixture = await EsdbFixture.start()
    const bare = bareClient(fixture.url())
    const plain = { credentials: { username: 'u', password: 'p' }, deadline: 200 }
    fixture.leader.faults.push('lose-answer')
    await bare.appendToStream(STREAM, [bareEvent()], plain).catch(() => undefined)
    // A repeat with a new id doubles; one at the head that is there now doubles too.
    await bare.appendToStream(STREAM, [bareEvent()], plain)
    expect(fixture.log.sequence).toBe(2)
  })

  property.prop([fc.array(fc.tuple(fault, fc.boolean(), fc.nat({ max: 1 })), { minLength: 4, maxLength: 14 })], {
    numRuns: 6,
  })('whatever is lost between two writers, nothing is doubled and nothing acknowledged is missing', async steps => {
    await using fixture = await EsdbFixture.start()
    const patient = { callDeadlineMs: 300 }
    const stores = [await open(fixture.url(), patient), await open(fixture.url(), patient)]
    const acknowledged: string[] = []
    const unknown: string[] = []
    await Promise.all(
      steps.map(async ([one, anywhere, who]) => {
        const store = stores[who]
        const event = beat()
        if (one !== 'none') fixture.leader.faults.push(one)
        const writing = anywhere
          ? store?.append(LEDGER, 'any', [event])
          : store?.commit(LEDGER, 'none', { absorb: () => undefined, decide: () => [event] })
        const known = await writing?.then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'timeout-unknown-outcome' })
            return false
          },
        )
        ;(known === true ? acknowledged : unknown).push(event.eventId)
      }),
    )
    const reader = await open(fixture.url())
    const ids = idsOf(await readAll(reader))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(acknowledged))
    expect([...acknowledged, ...unknown]).toEqual(expect.arrayContaining([...ids]))
    await Promise.all([...stores, reader].map(store => store.close()))
  })

  it('an outcome that stays unknown is said to be, and the same append settles it later', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    await using impatient = await open(fixture.url(), { patienceMs: 20 })
    await store.append(LEDGER, 'none', [beat()])
    await impatient.head(LEDGER)
    const event = beat()
    fixture.leader.faults.push('lose-answer', 'lose-answer')
    const given = impatient.append(LEDGER, revision(0), [event])
    await expect(given).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    fixture.leader.faults.length = 0
    expect(await store.append(LEDGER, revision(0), [event])).toMatchObject({ outcome: 'appended', first: 1, last: 1 })
    expect(await readAll(store)).toHaveLength(2)
  })

  it('an append that lands after it was given up on is found by its repeat', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    await using impatient = await open(fixture.url(), { patienceMs: 20 })
    await store.append(LEDGER, 'none', [beat()])
    await impatient.head(LEDGER)
    const event = beat()
    fixture.leader.faults.push('hold-before-commit', 'hold-before-commit')
    const given = impatient.append(LEDGER, revision(0), [event])
    await expect(given).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    fixture.leader.faults.length = 0
    fixture.leader.releaseAppends()
    expect(await store.append(LEDGER, revision(0), [event])).toMatchObject({ outcome: 'appended', first: 1 })
    expect(idsOf(await readAll(store))).toHaveLength(2)
  })
})

describe('a server that cannot serve', () => {
  it('is unavailable when nobody listens, and works again when it is back', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url(), { patienceMs: 100 })
    await fixture.line().refuse()
    await expect(store.append(LEDGER, 'none', [beat()])).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'unavailable' })
    await fixture.line().listen()
    expect((await store.append(LEDGER, 'none', [beat()])).outcome).toBe('appended')
  })

  it('is unavailable on a node without a majority: nothing is decided on what it still reads', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url(), { patienceMs: 100 })
    await store.append(LEDGER, 'none', [beat()])
    fixture.leader.state = 'not-ready'
    const refused = store.append(LEDGER, revision(0), [beat()])
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
    await expect(refused).rejects.toThrow('no majority')
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('takes TLS and a user from the URL, and repeats neither user nor password when they are wrong', async () => {
    const users = new Map([['ops', 'p@ss/w?rd:1']])
    const tls = selfSigned()
    await using fixture = await EsdbFixture.start({ tls, users })
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
    const authority = join(folder, 'ca.pem')
    writeFileSync(authority, tls.certificate)
    const query = `&tlsCAFile=${encodeURIComponent(authority)}`
    const right = fixture.url({ user: `ops:${encodeURIComponent('p@ss/w?rd:1')}@`, query })
    await using store = await open(right)
    expect((await store.append(LEDGER, 'none', [beat()])).outcome).toBe('appended')
    expect(store.url).toBe(fixture.url().replace('?tls=true', ''))
    await using intruder = await open(fixture.url({ user: 'ops:hunter2@', query }))
    const told: unknown = await intruder.append(LEDGER, 'any', [beat()]).catch((error: unknown) => error)
    expect(told).toMatchObject({ code: 'unavailable' })
    expect(String(told)).toContain('password')
    expect(inspect([told, intruder, store], { depth: 12, showHidden: true })).not.toMatch(/hunter2|b3BzOm|w\?rd|ops/)
    // Without the authority the certificate is not trusted, and nothing goes over in the clear.
    await using untrusting = await open(fixture.url({ user: 'ops:hunter2@' }), { patienceMs: 100 })
    await expect(untrusting.head(LEDGER)).rejects.toMatchObject({ code: 'unavailable' })
    rmSync(folder, { recursive: true })
  })

  it.each([
    'esdb://ops:hunter2@',
    'esdb://ops:hunter2@host:port',
    'esdb://ops:hunter2@host:2113?hunter2=1',
    'esdb://ops:hunter2@host:2113?tls=hunter2',
    'esdb://ops:hun%ter2@host:2113',
    'esdb://ops:hunter2@host:2113?tlsCAFile=/nowhere/hunter2x',
    'esdb:ops:hunter2@host',
  ])('an address that cannot be read is refused without repeating it (%#)', async url => {
    const error: unknown = await open(url).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'StoreError' })
    expect(error instanceof Error ? error.message : '').not.toMatch(/hun/)
  })

  it('speaks TLS unless the address says tls=false', async () => {
    await using fixture = await EsdbFixture.start()
    const url = fixture.url().replace('?tls=false', '')
    await using store = await open(url, { patienceMs: 100 })
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'unavailable' })
    expect(store.url).toBe(url)
  })
})

describe('a log that is not ours', () => {
  it.each([
    { name: 'no metadata', event: bareEvent(), code: 'foreign' },
    { name: 'metadata of another program', event: { ...bareEvent(), metadata: { hf: 'x' } }, code: 'foreign' },
    { name: 'a newer format', event: { ...bareEvent(), metadata: { hf: 0, v: 2 } }, code: 'ledger-newer' },
  ])('an event with $name is $code, for every operation, and nothing is written', async ({ event, code }) => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    await store.append(LEDGER, 'none', [checkpoint(), beat()])
    await bareClient(fixture.url()).appendToStream(STREAM, [event])
    const written = fixture.log.sequence
    for (const operation of [
      store.head(LEDGER),
      readAll(store),
      store.now(LEDGER),
      store.latestCheckpoint(LEDGER),
      store.append(LEDGER, 'any', [beat()]),
      store.commit(LEDGER, revision(1), { absorb: () => undefined, decide: () => [beat()] }),
    ]) {
      await expect(operation).rejects.toMatchObject({ code })
    }
    expect(fixture.log.sequence).toBe(written)
  })

  it('a server that lost what was read from it is corrupt', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    await store.append(LEDGER, 'none', beats(5))
    fixture.log.rollBack(STREAM, 2)
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'corrupt', detail: 'rolled-back' })
    await bareClient(fixture.url()).deleteStream(STREAM)
    await using other = await open(fixture.url())
    await expect(
      other.commit(LEDGER, revision(2), { absorb: () => undefined, decide: () => [beat()] }),
    ).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('a ledger that was tombstoned, or hidden by a truncation beyond its end, is corrupt', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url())
    await store.append(LEDGER, 'none', beats(3))
    await bareClient(fixture.url()).setStreamMetadata(STREAM, { truncateBefore: 100 })
    await using later = await open(fixture.url())
    await expect(later.head(LEDGER)).rejects.toMatchObject({ code: 'corrupt' })
    await bareClient(fixture.url()).tombstoneStream(STREAM)
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('subscriptions', () => {
  it('ride out resets, restarts and silence without a gap or a repeat, and give up when it lasts', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await open(fixture.url(), { subscriptionPatienceMs: 2_000 })
    await using writer = await open(fixture.url())
    const revisions: number[] = []
    const ended = (async () => {
      for await (const item of store.subscribe(LEDGER, 'none', { signal: new AbortController().signal })) {
        if (item.kind === 'entries') revisions.push(...item.entries.map(entry => Number(entry.revision)))
      }
    })()
    const failed = ended.catch((error: unknown) => error)
    for (let round = 0; round < 6; round += 1) {
      await writer.append(LEDGER, 'any', beats(3))
      if (round % 3 === 0) fixture.line().reset()
      if (round % 3 === 1) await fixture.restart()
      if (round % 3 === 2) fixture.line().forgetOpen()
    }
    await until(() => revisions.length === 18, 'all entries')
    expect(revisions).toEqual(Array.from({ length: 18 }, (_, index) => index))
    await fixture.line().refuse()
    expect(await failed).toMatchObject({ code: 'unavailable' })
  })
})
