import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { restoreState } from '@holdfast/core'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { lineChild, tell, type LineChild } from '../store/harness/children.ts'
import { historyOf } from './bed.ts'

/**
 * Kills a process that works and compacts, `kills` times, at any instant: while it writes, between and inside the steps of a
 * compaction. Everything that it had acknowledged is in archive and log, once; revisions have no gap; every hash holds;
 * and the log begins with a CHECKPOINT that can be restored. Gives how much was acknowledged and how often it was cut.
 */
export async function killWhileCompacting(
  path: string,
  kills: number,
  random: () => number,
): Promise<{ readonly acknowledged: number; readonly cuts: number }> {
  const acknowledged = new Set<number>()
  const begins = new Set<number>()
  // Compiled once: starting is most of what the campaign takes, and those that are killed keep nothing.
  await start(path, 'warm').ended
  let next = start(path)
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const child = next
      assert.equal(await child.line(), 'ready')
      // Starts while this one works, which saves the test its time.
      next = start(path)
      tell(child, 'go')
      acknowledged.add(Number(await child.line()))
      await sleep(random() * 80)
      child.process.kill('SIGKILL')
      for (let line = await child.line(); line !== null; line = await child.line()) acknowledged.add(Number(line))
      assert.equal((await child.ended).signal, 'SIGKILL')
      begins.add(await assertWhole(path, acknowledged))
    }
    return { acknowledged: acknowledged.size, cuts: begins.size - 1 }
  } finally {
    next.process.kill('SIGKILL')
    await next.ended
  }
}

/** Gives the revision at which the log begins. */
async function assertWhole(path: string, acknowledged: ReadonlySet<number>): Promise<number> {
  await using store = await openSqliteStore({ path })
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

function start(path: string, ...more: readonly string[]): LineChild {
  const env = { ...process.env, NODE_COMPILE_CACHE: `${path}.compiled` }
  return lineChild(process.execPath, [new URL('compacting-child.ts', import.meta.url).pathname, path, ...more], { env })
}
