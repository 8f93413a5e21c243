import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { killAllWith, runningWith } from './left-running.ts'

const MARK = `HOLDFAST_TEST_MARK=${process.pid}`

test.runIf(existsSync('/proc/self/environ'))('what a run has started is found and ended, orphans as well', async () => {
  const words = `sh -c 'echo $$; trap "" TERM; while :; do sleep 0.05; done' & exit 0`
  const env = { ...process.env, HOLDFAST_TEST_MARK: String(process.pid) }
  const parent = spawn('sh', ['-c', words], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const said: Promise<unknown[]> = once(parent.stdout, 'data')
  await once(parent, 'exit')
  const orphan = Number(String((await said)[0]))
  expect(runningWith(MARK).map(running => running.pid)).toContain(orphan)
  expect(runningWith(`${MARK}0`)).toEqual([])
  expect(killAllWith(MARK).find(running => running.pid === orphan)?.command).toMatch(/^sh -c echo/)
  expect(runningWith(MARK)).toEqual([])
})
