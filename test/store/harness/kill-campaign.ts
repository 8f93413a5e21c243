import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { startScript, tell } from './children.ts'

/**
 * Kills a committing process at a random instant, `kills` times, on one and the same database: everything that it had
 * acknowledged must be there, nothing torn, and the next process goes on at once.
 */
export async function killWhileCommitting(
  path: string,
  kills: number,
  random: () => number,
  behaviour: 'honest' | 'acknowledge-early' = 'honest',
): Promise<number> {
  let acknowledged = -1
  let next = startScript('committing-child.ts', [path, 'Infinity', behaviour])
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const child = next
      assert.equal(await child.line(), 'ready')
      next = startScript('committing-child.ts', [path, 'Infinity', behaviour]) // Starts while this one works, which saves the test its time.
      tell(child, 'go')
      await sleep(5 + random() * 60)
      child.process.kill('SIGKILL')
      for (let line = await child.line(); line !== null; line = await child.line()) acknowledged = Number(line)
      assert.equal((await child.ended).signal, 'SIGKILL')
      await assertWhole(path, acknowledged)
    }
    return acknowledged
  } finally {
    next.process.kill('SIGKILL')
    await next.ended
  }
}

async function assertWhole(path: string, acknowledged: number): Promise<void> {
  await using store = await openSqliteStore({ path })
  const head = await store.head('default')
  assert.ok(acknowledged < 0 || (head !== 'none' && head >= acknowledged), `acknowledged ${acknowledged}, head ${head}`)
  const wrong = (await store.check('default')).filter(({ ok }) => !ok)
  // The witness is written after the commit and before it is acknowledged: only the very first can lack it.
  const lacksWitness = wrong.some(({ name, severity }) => name === 'head-witness' && severity === 'finding')
  assert.ok(acknowledged < 0 || !lacksWitness, `acknowledged ${acknowledged} before its witness was written`)
  assert.deepEqual(
    wrong.filter(({ name, severity }) => severity === 'fault' || name !== 'head-witness'),
    [],
  )
}
