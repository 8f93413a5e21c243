import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compactLedger, openLedger, type LiveLedger } from '@holdfast/engine'
import { NotifyRules } from '@holdfast/server/notify-rules'
import { restoreBackup } from '@holdfast/engine/maintenance'
import { loadLedger } from '@holdfast/projections'
import { openStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, it } from 'vitest'
import { LedgerNotices, LOOK_EVERY_MS } from '../../packages/server/src/notify/ledger-notices.ts'
import { NO_MEMORY } from '../../packages/server/src/notify/causes.ts'
import { foldAt } from '../../packages/server/src/notify/kept-fold.ts'
import { Kept, NoticeFile } from '../../packages/server/src/notify/notice-file.ts'
import { Lookout } from '../../packages/server/src/notify/sight.ts'
import { Scribe, STREAM } from '../projections/scribe.ts'
import { Scene } from '../server/scene.ts'
import { Receiver } from './receiver.ts'

const rules = (receiver: Receiver, on: readonly string[] = ['lease-lost'], more: object = {}) =>
  NotifyRules.parse({ chat: { on, webhook: { url: receiver.url }, ...more } })

/** Takes the lane from whoever has it. */
async function takeOver(ledger: LiveLedger, lane: string): Promise<void> {
  const held = [...(await ledger.refresh()).leases.values()].find(lease => lease.lane === lane)
  if (held === undefined) throw new Error(`nobody has ${lane}`)
  await ledger.adopt({ lane, newHolder: `after-${held.holder}`, expectToken: held.token, force: true })
}

const revisions = ({ arrived }: Receiver): readonly (number | null)[] => arrived.map(({ notice }) => notice.revision)

describe('notices of a server', () => {
  it('are told once, also to a server after it, and what happened in between is told by that one', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.make()
    const ledger = await scene.open({ server: false })
    await ledger.acquire({ lane: 'x', holder: 'A', ttl: '1h' })
    await takeOver(ledger, 'x')
    const first = await scene.serve({ notify: { rules: rules(receiver) } })
    await noticesBegun(scene)
    await takeOver(ledger, 'x')
    await receiver.has(1)
    await first.stop()
    await takeOver(ledger, 'x')
    await scene.serve({ notify: { rules: rules(receiver) } })
    await receiver.has(2)
    await takeOver(ledger, 'x')
    await receiver.has(3)
    // What was there before the first server is history.
    expect(revisions(receiver)).toEqual([3, 4, 5])
    expect(receiver.arrived[0]?.notice).toMatchObject({
      rule: 'chat',
      on: 'lease-lost',
      lane: 'x',
      holder: 'after-A',
      token: 2,
    })
    const file = noticeFile(scene)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('go by the lanes and holders of a rule, and every rule that fits is told', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.make()
    const ledger = await scene.open({ server: false })
    for (const lane of ['ci/a', 'web']) await ledger.acquire({ lane, holder: `bot-${lane}`, ttl: '1h' })
    const one = (more: object) => ({ on: ['expired', 'lease-lost'], webhook: { url: receiver.url }, ...more })
    const given = {
      ci: one({ lanes: ['ci/*'] }),
      bots: one({ holders: ['bot-*'] }),
      none: one({ lanes: ['ci'], holders: ['*'] }),
      other: one({ ledgers: ['later'] }),
    }
    await scene.serve({ notify: { rules: NotifyRules.parse(given) } })
    await noticesBegun(scene)
    for (const lane of ['ci/a', 'web']) await takeOver(ledger, lane)
    await receiver.has(3)
    // A ledger that is made later is watched from then on.
    const later = await openLedger(scene.url, { ledger: 'later', server: false, compaction: { automatic: false } })
    await later.acquire({ lane: 'z', holder: 'L', ttl: '1h' })
    await noticesBegun(scene, 2)
    await takeOver(later, 'z')
    await receiver.has(4)
    await later.close()
    expect(receiver.arrived.map(({ notice }) => `${notice.ledger} ${notice.rule} ${notice.lane}`).sort()).toEqual(
      ['default bots ci/a', 'default bots web', 'default ci ci/a', 'later other z'].sort(),
    )
    expect(new Set(receiver.arrived.map(({ notice }) => notice.cause)).size).toBe(3)
  })

  it('of a webhook that hangs delay no command and no end, and the next server tells them under the same id', async () => {
    await using receiver = await Receiver.open()
    receiver.answer = () => {}
    await using scene = await Scene.make()
    const ledger = await scene.open({ server: false })
    await ledger.acquire({ lane: 'x', holder: 'A', ttl: '1h' })
    const first = await scene.serve({ notify: { rules: rules(receiver) } })
    await noticesBegun(scene)
    await takeOver(ledger, 'x')
    await receiver.has(1)
    const client = await scene.open()
    const from = performance.now()
    for (let count = 0; count < 20; count += 1) {
      const asked = await client.acquire({ lane: 'y', holder: 'B' })
      if (asked.outcome !== 'granted') throw new Error(asked.outcome)
      await client.release({ lane: 'y', holder: 'B', token: asked.lease.token })
    }
    const commandsMs = performance.now() - from
    expect(commandsMs).toBeLessThan(2_000)
    await client.close()
    await first.stop()
    expect(performance.now() - from - commandsMs).toBeLessThan(4_000)
    receiver.answer = response => response.writeHead(204).end()
    await scene.serve({ notify: { rules: rules(receiver) } })
    await receiver.has(2)
    expect(new Set(receiver.arrived.map(({ notice }) => notice.id)).size).toBe(1)
  })

  it('go on through a compaction; a file of another history counts as lost', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.make()
    const ledger = await scene.open({ server: false })
    await ledger.acquire({ lane: 'x', holder: 'A', ttl: '1h' })
    const copy = join(scene.folder, 'copy.db')
    await ledger.store.backup?.(copy)
    const first = await scene.serve({ notify: { rules: rules(receiver) } })
    await noticesBegun(scene)
    await takeOver(ledger, 'x')
    await receiver.has(1)
    await compactLedger(ledger)
    await takeOver(ledger, 'x')
    await receiver.has(2)
    await first.stop()
    await compactLedger(ledger)
    await takeOver(ledger, 'x')
    await compactLedger(ledger)
    const second = await scene.serve({ notify: { rules: rules(receiver) } })
    await receiver.has(3)
    await second.stop()
    await ledger.close()
    // A backup is put in its place: its revisions mean other events.
    await restoreBackup(copy, scene.path, { moveAside: true, actor: null })
    const lines: string[] = []
    const line = (_: object, message: string): void => void lines.push(message)
    const third = await scene.serve({
      notify: { rules: rules(receiver) },
      log: { info: line, warn: line, error: line },
    })
    await expect.poll(() => lines.join('\n')).toContain('not of this history')
    await third.stop()
    expect(Kept.parse(JSON.parse(readFileSync(noticeFile(scene), 'utf8'))).after).toBeGreaterThanOrEqual(2 ** 32)
    expect(revisions(receiver).length).toBe(3)
    expect(new Set(receiver.arrived.map(({ notice }) => notice.id)).size).toBe(3)
  })

  it('are begun where an earlier server stopped only in the very history that it saw', async () => {
    const store = openMemoryStore({ log: new MemoryLog(() => 1_000_000) })
    const scribe = await Scribe.found(store)
    await scribe.hold('x')
    const { head, ledgerId } = scribe.state
    const newest = scribe.written.at(-1)
    if (newest === undefined || newest.type === 'UNRECOGNISED' || ledgerId === null) throw new Error('it was written')
    const { eventId } = newest
    const kept: Kept = { version: 1, ledgerId, after: head, eventId, memory: NO_MEMORY, waiting: {} }
    await scribe.hold('y')
    expect((await foldAt(store, STREAM, kept))?.state.head).toBe(head)
    expect(await foldAt(store, STREAM, { ...kept, eventId: 'another' })).toBe(null)
    expect(await foldAt(store, STREAM, { ...kept, ledgerId: 'another' })).toBe(null)
    expect(await foldAt(store, STREAM, { ...kept, after: head + 9 })).toBe(null)
  })

  it('tell of a verdict once while it lasts, and again when it comes back; a store that fails in between ends nothing', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.make()
    const ledger = await scene.open({ server: false })
    const child = { ...ledgerActor(ledger), pid: 999_999_999, processStart: '1' }
    await ledger.acquire({ lane: 'x', holder: 'A', ttl: '1h', process: child })
    const store = await openStore(scene.url, { create: false })
    let status: 'dead' | 'alive' | 'unknown' = 'dead'
    let isAway = false
    const now = store.now.bind(store)
    store.now = async stream => {
      if (isAway) throw new Error('away')
      return now(stream)
    }
    let looks = 0
    const lookout = new Lookout({ probes: [], probe: () => ((looks += 1), status) })
    const timers = { after: (spanMs: number, run: () => void) => soon(run, spanMs) }
    const file = new NoticeFile(scene.folder, 'default')
    const settings = { haltOverdueMs: 60_000, refusedForMs: [] }
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const named = Object.entries(rules(receiver, ['stalled'], { timeLimit: '5m' }))
    const parts = { store, stream: 'default', rules: named, settings, lookout, file, timers, log, chance: () => 0 }
    const notices = await LedgerNotices.begin({ ...parts, timers })
    const more = async (count: number): Promise<void> => {
      const enough = looks + count
      await expect.poll(() => looks, { interval: 2 }).toBeGreaterThanOrEqual(enough)
    }
    await receiver.has(1)
    status = 'unknown'
    await more(3)
    status = 'dead'
    await more(3)
    isAway = true
    await new Promise(resolve => setTimeout(resolve, 50))
    isAway = false
    await more(3)
    expect(receiver.arrived.length).toBe(1)
    status = 'alive'
    await more(3)
    status = 'dead'
    await receiver.has(2)
    await notices.end(1_000, { keep: true })
    const again = await LedgerNotices.begin(parts)
    await more(5)
    await again.end(1_000, { keep: true })
    expect(receiver.arrived.length).toBe(2)
    // Without the file, what is so now is told once.
    for (const name of readdirSync(scene.folder)) if (name.startsWith('notices-')) rmSync(join(scene.folder, name))
    const last = await LedgerNotices.begin(parts)
    await receiver.has(3)
    await more(5)
    await last.end(1_000, { keep: true })
    expect(receiver.arrived.length).toBe(3)
    expect((await loadLedger(store, 'default')).state.leases.size).toBe(1)
    await store.close()
  })
})

/** Pauses are short; time limits stay as long as they are. */
function soon(run: () => void, spanMs: number): () => void {
  const timer = setTimeout(run, spanMs > 60_000 ? spanMs : 4)
  return () => clearTimeout(timer)
}

function ledgerActor({ actor }: LiveLedger) {
  if (actor === null) throw new Error('a ledger acts for a process')
  return actor
}

function noticeFiles({ path }: Scene): readonly string[] {
  const folder = `${path}.serve`
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => /^notices-\w+\.json$/.test(name))
    .map(name => join(folder, name))
}

function noticeFile(scene: Scene): string {
  const [file = ''] = noticeFiles(scene)
  return file
}

/** Whoever has written its file has begun. */
async function noticesBegun(scene: Scene, count = 1): Promise<void> {
  await expect.poll(() => noticeFiles(scene).length, { timeout: LOOK_EVERY_MS * 8, interval: 10 }).toBe(count)
}
