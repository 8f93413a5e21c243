import type { LogEntry, Revision } from '@holdfast/core'
import { liveProjection, project } from '@holdfast/projections'
import { events$, follow$, HistoryTruncated } from '@holdfast/projections/streams'
import { StoreError, type LogStore, type SubscriptionItem } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import * as fc from 'fast-check'
import { lastValueFrom, take, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { altered } from './altered-store.ts'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'
import { settle, until } from '../setup/virtual-time.ts'

/** A store that tells how many of its subscriptions are under way. */
function counting(store: LogStore): { readonly store: LogStore; readonly open: () => number } {
  let open = 0
  const changes: Partial<LogStore> = {
    async *subscribe(...args) {
      open += 1
      try {
        yield* store.subscribe(...args)
      } finally {
        open -= 1
      }
    },
  }
  return { store: altered(store, changes), open: () => open }
}

/** A store whose subscription says what a test wants it to say. */
function saying(items: readonly SubscriptionItem[], error?: Error): LogStore {
  return altered(openMemoryStore(), {
    async *subscribe() {
      yield* items
      if (error !== undefined) throw error
    },
  })
}

async function compact(scribe: Scribe, store: LogStore): Promise<void> {
  await scribe.tell({ type: 'checkpoint' })
  const newest = await store.latestCheckpoint(STREAM)
  if (newest !== null) await store.compact(STREAM, newest.revision)
}

function fail(): never {
  throw new Error('nothing is there')
}

const revisions = (entries: readonly LogEntry[]): number[] => entries.map(({ revision }) => revision)

describe.each(BEDS)('events$ on $kind', ({ open }) => {
  it('gives no gap and no duplicate while appends race with the replay', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    for (let index = 0; index < 700; index += 1) await scribe.hold(`before-${index}`)
    const seen: LogEntry[] = []
    const subscription = events$(bed.store, STREAM).subscribe(entry => seen.push(entry))
    for (let index = 0; index < 100; index += 1) await scribe.hold(`during-${index}`)
    await until(() => seen.length >= scribe.written.length, 'every entry')
    await settle(50)
    subscription.unsubscribe()
    expect(revisions(seen)).toEqual(revisions(scribe.written))
  })

  it('begins after the revision that the subscriber has', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    for (let index = 0; index < 5; index += 1) await scribe.hold(`lane-${index}`)
    const after = scribe.written[2]?.revision ?? 'none'
    const seen = await lastValueFrom(events$(bed.store, STREAM, { after }).pipe(take(3), toArray()))
    expect(revisions(seen)).toEqual([3, 4, 5])
  })

  it('frees the store at once when unsubscribed while nothing happens', async () => {
    await using bed = await open()
    await Scribe.found(bed.store)
    const { store, open: openCount } = counting(bed.store)
    const seen: LogEntry[] = []
    const subscription = events$(store, STREAM).subscribe(entry => seen.push(entry))
    await until(() => seen.length === 1, 'the genesis')
    await settle(50)
    expect(openCount()).toBe(1)
    subscription.unsubscribe()
    await until(() => openCount() === 0, 'the end of the subscription')
  })

  it('frees the store when the subscriber takes only so many', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    const { store, open: openCount } = counting(bed.store)
    await lastValueFrom(events$(store, STREAM).pipe(take(1)))
    await until(() => openCount() === 0, 'the end of the subscription')
  })

  it('a compaction takes nothing from whoever begins at the beginning, or behind, or is on the way', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const early: LogEntry[] = []
    const subscription = events$(bed.store, STREAM).subscribe(entry => early.push(entry))
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 5; index += 1) await scribe.hold(`lane-${round}-${index}`)
      await compact(scribe, bed.store)
    }
    const all = revisions(scribe.written)
    const late = await lastValueFrom(events$(bed.store, STREAM).pipe(take(all.length), toArray()))
    expect(revisions(late)).toEqual(all)
    const after = 4 as Revision
    const behind = await lastValueFrom(events$(bed.store, STREAM, { after }).pipe(take(all.length - 5), toArray()))
    expect(revisions(behind)).toEqual(all.slice(5))
    await until(() => early.length >= all.length, 'every entry')
    subscription.unsubscribe()
    expect(revisions(early)).toEqual(all)
  })

  it('errors where history was dropped, and says where to go on', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 5; index += 1) await scribe.hold(`lane-${round}-${index}`)
      bed.time.advance(1000)
      await compact(scribe, bed.store)
    }
    const kept = (await bed.store.dropArchive(STREAM, scribe.written[12]?.recordedAt ?? fail())).held?.from
    if (kept === undefined) throw new Error('a part of the archive stays')
    const fromTheStart = lastValueFrom(events$(bed.store, STREAM))
    await expect(fromTheStart).rejects.toBeInstanceOf(HistoryTruncated)
    await expect(fromTheStart).rejects.toMatchObject({ from: 0, to: kept - 1 })
    const rest = revisions(scribe.written).filter(revision => revision >= kept)
    const after = (kept - 1) as Revision
    const seen = await lastValueFrom(events$(bed.store, STREAM, { after }).pipe(take(rest.length), toArray()))
    expect(revisions(seen)).toEqual(rest)
  })

  it('a compaction between a cut that was announced and the look into the archive gives nothing twice', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const round = async () => {
      for (let index = 0; index < 5; index += 1) await scribe.hold(`lane-${scribe.written.length}`)
      await compact(scribe, bed.store)
    }
    await round()
    let meddles = true
    const store = altered(bed.store, {
      async *readArchive(...args) {
        if (meddles) {
          meddles = false
          await round()
        }
        yield* bed.store.readArchive(...args)
      },
    })
    const seen = await lastValueFrom(events$(store, STREAM).pipe(take(13), toArray()))
    expect(revisions(seen)).toEqual(revisions(scribe.written))
    expect(seen).toHaveLength(13)
  })

  it('what a subscription has announced before a further compaction is given once', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    for (let index = 0; index < 5; index += 1) await scribe.hold(`lane-${index}`)
    await compact(scribe, bed.store)
    for (let index = 5; index < 9; index += 1) await scribe.hold(`lane-${index}`)
    const announced = await lastValueFrom(follow$(bed.store, STREAM).pipe(take(2), toArray()))
    expect(announced.map(({ kind }) => kind)).toEqual(['truncated', 'entries'])
    await compact(scribe, bed.store)
    const store = altered(bed.store, {
      async *subscribe() {
        yield* announced
      },
    })
    const seen = await lastValueFrom(events$(store, STREAM).pipe(toArray()))
    expect(revisions(seen)).toEqual(revisions(scribe.written).slice(0, -1))
  })

  it('says when history is delivered', async () => {
    await using bed = await open()
    await Scribe.found(bed.store)
    const items = await lastValueFrom(follow$(bed.store, STREAM).pipe(take(2), toArray()))
    expect(items.map(({ kind }) => kind)).toEqual(['entries', 'caught-up'])
  })

  it('ends with the error of a store that is closed beneath it', async () => {
    await using bed = await open()
    await Scribe.found(bed.store)
    let failure: unknown
    const seen: LogEntry[] = []
    events$(bed.store, STREAM).subscribe({
      next: entry => seen.push(entry),
      error: (error: unknown) => void (failure = error),
    })
    await until(() => seen.length === 1, 'the genesis')
    await bed.store.close()
    await until(() => failure !== undefined, 'the error')
    expect(failure).toBeInstanceOf(StoreError)
    expect(failure).toMatchObject({ code: 'unavailable' })
  })
})

describe('events$', () => {
  it('errors where the archive has nothing in place of what the log lacks', async () => {
    const items: SubscriptionItem[] = [{ kind: 'truncated', from: 0 as Revision, to: 41 as Revision }]
    const replay = lastValueFrom(events$(saying(items), STREAM))
    await expect(replay).rejects.toThrow(HistoryTruncated)
    await expect(replay).rejects.toMatchObject({ code: 'truncated', from: 0, to: 41 })
  })

  it('passes the errors of the store through', async () => {
    const broken = saying([], new StoreError('corrupt', 'The chain is broken.'))
    await expect(lastValueFrom(events$(broken, STREAM))).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('any schedule of appends, subscriptions and unsubscriptions gives each subscriber exactly its part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('append', 'subscribe', 'unsubscribe'), { maxLength: 20 }),
        async (scheduler, steps) => {
          await using store = openMemoryStore({ clock: () => 0 })
          const scribe = await Scribe.found(store)
          const subscribers: { seen: LogEntry[]; stop: () => void; stoppedAt: number | null }[] = []
          const run = scheduler.scheduleSequence(
            steps.map((step, index) => ({
              label: step,
              builder: async () => {
                if (step === 'append') await scribe.hold(`lane-${index}`)
                if (step === 'subscribe') {
                  const seen: LogEntry[] = []
                  const subscription = events$(store, STREAM).subscribe(entry => seen.push(entry))
                  subscribers.push({ seen, stop: () => subscription.unsubscribe(), stoppedAt: null })
                }
                const oldest = subscribers.find(({ stoppedAt }) => stoppedAt === null)
                if (step === 'unsubscribe' && oldest !== undefined) {
                  oldest.stop()
                  oldest.stoppedAt = oldest.seen.length
                }
              },
            })),
          )
          await scheduler.waitFor(run.task)
          await settle(5)
          for (const { seen, stop, stoppedAt } of subscribers) {
            stop()
            const expected = revisions(scribe.written).slice(0, stoppedAt ?? undefined)
            expect(revisions(seen)).toEqual(expected)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('what it gives folds to what the decider has', async () => {
    await using store = openMemoryStore({ clock: () => 0 })
    const scribe = await Scribe.found(store)
    for (const lane of ['a', 'b', 'c']) await scribe.hold(lane)
    const entries = await lastValueFrom(events$(store, STREAM).pipe(take(4), toArray()))
    const nowMs = scribe.state.clockMs
    const folded = liveProjection.view(project(liveProjection, entries), nowMs)
    expect(folded).toEqual(liveProjection.view(scribe.state, nowMs))
    expect(folded.map(({ lane }) => lane)).toEqual(['a', 'b', 'c'])
  })
})
