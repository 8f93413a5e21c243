import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { SHORT } from './fixture-factory.ts'
import { bareClient, bareEvent, beat, beats, checkpoint, LEDGER, revision, STREAM, until, watched } from './harness.ts'

// What the client does wrong (`docs/eventstoredb.md`): each time the bare client, which shows it, beside the store.

let fixture: EsdbFixture
beforeEach(async () => {
  fixture = await EsdbFixture.start()
})
afterEach(() => fixture.close())

const open = (url = fixture.url(), options = {}) => openEventStoreDbStore({ url, ...SHORT, ...options })

describe('defects of the client', () => {
  it('1. a batch append never settles when the server falls silent; ours has a deadline', async () => {
    const bare = bareClient(fixture.url())
    await bare.appendToStream(STREAM, [bareEvent()])
    await using store = await open(fixture.url(), { patienceMs: 700 })
    await store.append('other', 'none', [beat()])
    fixture.line().blackHole()
    const undefended = watched(bare.appendToStream(STREAM, [bareEvent()], { deadline: 300 }))
    const ours = store.append('other', revision(0), [beat()])
    await expect(ours).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    expect(undefended.state()).toBe('pending')
  })

  it('2. a read ignores its deadline and never settles; ours has one', async () => {
    const bare = bareClient(fixture.url())
    await bare.appendToStream('other', [bareEvent()])
    await using store = await open(fixture.url(), { patienceMs: 700 })
    await store.append(LEDGER, 'none', [beat()])
    fixture.line().blackHole()
    const reading = (async () => {
      for await (const _ of bare.readStream('other', { maxCount: 1, deadline: 300 })) continue
    })()
    const undefended = watched(reading)
    await expect(store.head(LEDGER)).rejects.toMatchObject({ code: 'unavailable' })
    expect(undefended.state()).toBe('pending')
  })

  it('3. one dead server fails appends to a healthy one and ends the process; ours are apart', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'mutants', 'batch-victim.ts')])
    let output = ''
    child.stdout.on('data', chunk => (output += String(chunk)))
    child.stderr.on('data', chunk => (output += String(chunk)))
    const ended = new Promise<number | null>(resolve => child.on('close', resolve))

    await using dying = await EsdbFixture.start()
    await using toHealthy = await open()
    await using toDying = await open(dying.url(), { patienceMs: 700 })
    await toHealthy.append(LEDGER, 'none', [beat()])
    await toDying.append(LEDGER, 'none', [beat()])
    fixture.leader.faults.push('hold')
    const pending = toHealthy.append(LEDGER, 'any', [beat()])
    await until(() => fixture.log.sequence === 2, 'the append')
    await dying.line().refuse()
    await expect(toDying.append(LEDGER, 'any', [beat()])).rejects.toMatchObject({ name: 'StoreError' })
    fixture.leader.releaseAppends()
    expect((await pending).outcome).toBe('appended')

    expect(await ended).not.toBe(0)
    expect(output).toMatch(/^rejected unavailable\n/)
    expect(output).toContain('undefined is not iterable')
  })

  it('4. a server that is down gives a raw error without a type; ours is typed', async () => {
    const bare = bareClient(fixture.url())
    await using store = await open(fixture.url(), { patienceMs: 200 })
    await bare.appendToStream(STREAM, [bareEvent()])
    await fixture.line().refuse()
    const failing = async (): Promise<unknown> => {
      // The first failure is noticed as a broken connection; those after it come raw.
      await bare.appendToStream(STREAM, [bareEvent()]).catch(() => undefined)
      return bare.appendToStream(STREAM, [bareEvent()]).catch((error: unknown) => error)
    }
    const error = await failing()
    expect(Reflect.get(Object(error), 'type')).toBeUndefined()
    await expect(store.append(LEDGER, 'any', [beat()])).rejects.toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
    })
  })

  it('5. with throwOnAppendFailure off a refused append reports revision 1; ours names the actual head', async () => {
    const url = fixture.url({ query: '&throwOnAppendFailure=false' })
    await using store = await open(url)
    await store.append(LEDGER, 'none', beats(5))
    const refused = await bareClient(url).appendToStream(STREAM, [bareEvent()], { expectedRevision: 0n })
    expect(refused).toMatchObject({ success: false, nextExpectedRevision: 1n })
    expect(await store.append(LEDGER, 'none', [beat()])).toEqual({ outcome: 'conflict', actual: 4 })
  })

  it('6. batch deadlines are wall-clock times, so a server that is ahead times out at once; ours are spans', async () => {
    fixture.leader.clockStepMs = 60_000
    await using store = await open()
    const bare = bareClient(fixture.url()).appendToStream(STREAM, [bareEvent()])
    await expect(bare).rejects.toMatchObject({ type: 'deadline-exceeded' })
    expect((await store.append(LEDGER, 'none', [beat()])).outcome).toBe('appended')
  })

  it('7. leaving a read early leaks its call; ours ends', async () => {
    await using store = await open()
    for (let count = 0; count < 4; count += 1) {
      await store.append(
        LEDGER,
        'any',
        beats(400).map(event => ({ ...event, data: { text: 'x'.repeat(2_000) } })),
      )
    }
    for await (const _ of store.read(LEDGER)) break
    await until(() => fixture.leader.open.reads === 0, 'the end of our reads')
    const bare = bareClient(fixture.url())
    for await (const _ of bare.readStream(STREAM)) break
    await bare.appendToStream('other', [bareEvent()])
    expect(fixture.leader.open.reads).toBe(1)
  })

  it('8. dispose leaves the connection open; ours is closed', async () => {
    await using other = await EsdbFixture.start()
    const bare = bareClient(other.url())
    await bare.appendToStream(STREAM, [bareEvent()])
    const store = await open()
    await store.append(LEDGER, 'none', [beat()])
    await bare.dispose()
    await store.close()
    await until(() => fixture.line().connections === 0, 'the end of our connection')
    expect(other.line().connections).toBe(1)
  })

  it('8. a subscription does not survive a restart; ours goes on after the last entry', async () => {
    await using store = await open()
    await store.append(LEDGER, 'none', beats(2))
    const bare: { readonly revisions: (bigint | undefined)[]; ended: boolean } = { revisions: [], ended: false }
    const subscription = bareClient(fixture.url()).subscribeToStream(STREAM)
    subscription.on('data', ({ event }) => void bare.revisions.push(event?.revision))
    subscription.on('error', () => (bare.ended = true))
    const ours = await following(store)
    await until(() => bare.revisions.length === 2 && ours.revisions.length === 2, 'history')
    await fixture.restart()
    await store.append(LEDGER, 'any', [beat()])
    await until(() => ours.revisions.length === 3 && bare.ended, 'the entry after the restart')
    expect(ours.revisions).toEqual([0, 1, 2])
    expect(bare.revisions).toEqual([0n, 1n])
    await ours.stop()
  })

  it('8. a subscription does not notice a peer that died silently; ours is probed', async () => {
    await using store = await open()
    await store.append(LEDGER, 'none', beats(2))
    const bare: (bigint | undefined)[] = []
    const subscription = bareClient(fixture.url()).subscribeToStream(STREAM)
    subscription.on('data', ({ event }) => void bare.push(event?.revision))
    subscription.on('error', () => undefined)
    const ours = await following(store)
    await until(() => bare.length === 2 && ours.revisions.length === 2, 'history')
    fixture.line().forgetOpen()
    await using writer = await open()
    await writer.append(LEDGER, 'any', [beat()])
    await until(() => ours.revisions.length === 3, 'the entry after the silence')
    expect(bare).toEqual([0n, 1n])
    await ours.stop()
  })

  it('9. truncateBefore refuses a bigint and metastreamRevision is none; ours cuts with a number on what it read', async () => {
    await using store = await open()
    const { last } = appendedOf(await store.append(LEDGER, 'none', [checkpoint(), ...beats(3), checkpoint()]))
    const bare = bareClient(fixture.url())
    const asBigint: unknown = 4n
    await expect(bare.setStreamMetadata(STREAM, { truncateBefore: asBigint as number })).rejects.toThrow('integer')
    await store.compact(LEDGER, last)
    const { metadata, metastreamRevision } = await bare.getStreamMetadata(STREAM)
    expect(metadata).toEqual({ truncateBefore: 4 })
    const again = bare.setStreamMetadata(STREAM, { truncateBefore: 4 }, { expectedRevision: metastreamRevision ?? 0n })
    await expect(again).rejects.toMatchObject({ type: 'wrong-expected-version' })
  })
})

function appendedOf<T extends { outcome: string }>(result: T): Extract<T, { outcome: 'appended' }> {
  if (result.outcome !== 'appended') throw new Error('not appended')
  return result as Extract<T, { outcome: 'appended' }>
}

/** Follows the ledger in the background. */
async function following(store: Awaited<ReturnType<typeof open>>) {
  const abort = new AbortController()
  const revisions: number[] = []
  const ended = (async () => {
    for await (const item of store.subscribe(LEDGER, 'none', { signal: abort.signal })) {
      if (item.kind === 'entries') revisions.push(...item.entries.map(entry => Number(entry.revision)))
    }
  })()
  const stop = async (): Promise<void> => {
    abort.abort()
    await ended
  }
  return { revisions, stop }
}
