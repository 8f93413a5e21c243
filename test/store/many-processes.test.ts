import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { expect, test } from 'vitest'
import { startScript, tell } from './harness/children.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

const PROCESSES = 32
const COMMITS = 10

test(`${PROCESSES} processes commit to one ledger without an error, a loss or a double`, async () => {
  const { path, remove } = await freshFolder()
  try {
    const children = Array.from({ length: PROCESSES }, () =>
      startScript('committing-child.ts', [path, String(COMMITS)]),
    )
    for (const child of children) assert.equal(await child.line(), 'ready')
    for (const child of children) tell(child, 'go')
    const acknowledged: number[] = []
    for (const child of children) {
      for (let line = await child.line(); line !== null; line = await child.line()) acknowledged.push(Number(line))
      expect(await child.ended).toEqual({ code: 0, signal: null })
    }
    await using store = await openSqliteStore({ path })
    // Batches of 1, 2, 3, 4, 1, 2, …: what ten commits of each process write.
    const eventsEach = Array.from({ length: COMMITS }, (_, index) => 1 + (index % 4)).reduce(
      (sum, count) => sum + count,
      0,
    )
    expect(acknowledged).toHaveLength(PROCESSES * COMMITS)
    expect(new Set(acknowledged).size).toBe(PROCESSES * COMMITS)
    expect(await store.head('default')).toBe(PROCESSES * eventsEach - 1)
    expect((await store.check('default')).filter(({ ok }) => !ok)).toEqual([])
  } finally {
    await remove()
  }
}, 90_000)

test('a follower hears of a commit in another process at once, and costs nothing while it waits', async () => {
  const { path, remove } = await freshFolder()
  const abort = new AbortController()
  try {
    await using store = await openSqliteStore({ path })
    const child = startScript('announcing-child.ts', [path, '40'])
    assert.equal(await child.line(), 'ready')
    const heard = new Map<number, number>()
    const following = (async () => {
      for await (const item of store.subscribe('default', 'none', { signal: abort.signal })) {
        if (item.kind === 'caught-up') tell(child, 'go')
        if (item.kind === 'entries') for (const { revision } of item.entries) heard.set(revision, Date.now())
        if (heard.size === 40) abort.abort()
      }
    })()
    const committed = new Map<number, number>()
    for (let line = await child.line(); line !== null; line = await child.line()) {
      const [revision, atMs] = line.split(' ').map(Number)
      committed.set(revision ?? -1, atMs ?? 0)
    }
    await following
    const delays = [...committed]
      .map(([revision, atMs]) => (heard.get(revision) ?? Infinity) - atMs)
      .toSorted((a, b) => a - b)
    expect(delays).toHaveLength(40)
    // The poll alone would take up to a second; most must come by the notice.
    expect(delays[20]).toBeLessThan(50)
  } finally {
    abort.abort()
    await remove()
  }
})

test('a follower waits without using the processor', async () => {
  const { path, remove } = await freshFolder()
  const abort = new AbortController()
  try {
    await using store = await openSqliteStore({ path })
    const iterator = store.subscribe('default', 'none', { signal: abort.signal })[Symbol.asyncIterator]()
    await iterator.next()
    const waiting = iterator.next()
    const before = process.cpuUsage()
    const delay = monitorEventLoopDelay()
    await new Promise(resolve => setTimeout(resolve, 1200))
    const { user, system } = process.cpuUsage(before)
    delay.disable()
    expect((user + system) / 1_200_000).toBeLessThan(0.2)
    abort.abort()
    expect((await waiting).done).toBe(true)
  } finally {
    await remove()
  }
})

test('a commit whose process dies before the notice is found by the look once a second', async () => {
  const { path, remove } = await freshFolder()
  const abort = new AbortController()
  try {
    await using store = await openSqliteStore({ path })
    const iterator = store.subscribe('default', 'none', { signal: abort.signal })[Symbol.asyncIterator]()
    await iterator.next()
    const next = iterator.next()
    const child = startScript('dying-child.ts', [path])
    expect((await child.ended).signal).toBe('SIGKILL')
    expect((await next).value).toMatchObject({ kind: 'entries' })
  } finally {
    abort.abort()
    await remove()
  }
})
