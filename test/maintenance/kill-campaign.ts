import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { restoreState } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { childScript } from '../setup/child-scripts.ts'
import { lineChild, tell, type LineChild } from '../store/harness/children.ts'
import { historyOf } from './bed.ts'

/** A ledger that processes work on and compact while they are killed. */
export interface KillPlace {
  readonly url: string
  readonly open: () => Promise<LogStore>
  /** Where those processes keep their code compiled. */
  readonly compiled: string
  /** By hand: one process at a time, at every step. By themselves: two at once. */
  readonly how: 'by hand' | 'by themselves'
}

/** How the span within which one is killed grows while none comes as far as a cut. */
const LONGER = 1.3
const WITHIN_MAX_MS = 5_000

const CHILDREN = {
  'by hand': { script: new URL('compacting-child.ts', import.meta.url), together: 1, killedWithinMs: 80 },
  'by themselves': { script: new URL('auto-compacting-child.ts', import.meta.url), together: 2, killedWithinMs: 200 },
} as const

/**
 * Kills processes that work and compact, `kills` times, at any instant: while they write, between and inside the steps of a
 * compaction. Everything that they had acknowledged is in archive and log, once; revisions have no gap; every hash holds;
 * and the log begins with a CHECKPOINT that can be restored. Gives how much was acknowledged and how often it was cut.
 */
export async function killWhileCompacting(
  place: KillPlace,
  kills: number,
  random: () => number,
): Promise<{ readonly acknowledged: number; readonly cuts: number }> {
  const { together, killedWithinMs } = CHILDREN[place.how]
  const acknowledged = new Set<number>()
  const begins = new Set<number>()
  const working: LineChild[] = []
  // Compiled once: starting is most of what the campaign takes, and those that are killed keep nothing.
  await start(place, 'warm').ended
  let next = start(place)
  let withinMs: number = killedWithinMs
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      while (working.length < together) {
        const child = next
        assert.equal(await child.line(), 'ready')
        // Starts while the others work, which saves the test its time.
        next = start(place)
        tell(child, 'go')
        acknowledged.add(Number(await child.line()))
        working.push(child)
      }
      await sleep(random() * withinMs)
      await killed(working.shift(), acknowledged)
      const cuts = begins.size
      begins.add(await assertWhole(place, acknowledged))
      // A slow machine needs longer to come as far as a cut: the kills must fall before, into and after one there too.
      withinMs = begins.size > cuts ? killedWithinMs : Math.min(withinMs * LONGER, WITHIN_MAX_MS)
    }
    return { acknowledged: acknowledged.size, cuts: begins.size - 1 }
  } finally {
    for (const child of [...working, next]) {
      child.process.kill('SIGKILL')
      await child.ended
    }
  }
}

/** Kills it and takes in what it said before. */
async function killed(child: LineChild | undefined, acknowledged: Set<number>): Promise<void> {
  assert.ok(child !== undefined)
  child.process.kill('SIGKILL')
  for (let line = await child.line(); line !== null; line = await child.line()) acknowledged.add(Number(line))
  assert.equal((await child.ended).signal, 'SIGKILL')
}

/** Gives the revision at which the log begins. */
async function assertWhole({ open }: KillPlace, acknowledged: ReadonlySet<number>): Promise<number> {
  await using store = await open()
  const history = await historyOf(store)
  assert.deepEqual(
    history.map(({ revision }) => Number(revision)),
    history.map((_, index) => index),
  )
  const granted = new Set(history.filter(({ type }) => type === 'ACQUIRE').map(({ revision }) => Number(revision)))
  assert.deepEqual(
    [...acknowledged].filter(token => !granted.has(token)),
    [],
  )
  const faults = (await store.check('default')).filter(({ ok, severity }) => !ok && severity === 'fault')
  assert.deepEqual(faults, [])
  for await (const [first] of store.read('default', { limit: 1 })) {
    assert.ok(first?.type === 'CHECKPOINT' && restoreState(first.data) !== null)
    return first.revision
  }
  throw new Error('the log is empty')
}

function start({ url, how, compiled }: KillPlace, ...more: readonly string[]): LineChild {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  return lineChild(process.execPath, [childScript(CHILDREN[how].script.pathname), url, ...more], { env })
}

/** A SQLite file, compacted by hand. */
export function killPlaceAt(path: string): KillPlace {
  const open = (): Promise<LogStore> => openSqliteStore({ path })
  return { url: `sqlite:${path}`, open, compiled: `${path}.compiled`, how: 'by hand' }
}
