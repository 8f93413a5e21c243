import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runSample, sampleOf } from './run-sample.ts'

it('the library sample of the README runs as it stands', async () => {
  const sample = sampleOf('README.md')
  expect(sample.trim().split('\n').length).toBeLessThanOrEqual(10)
  await runSample(sample, (stdout, folder) => {
    expect(stdout).toBe('only while held, with fencing token 1\n')
    expect(existsSync(join(folder, '.holdfast', 'ledger.db'))).toBe(true)
  })
})

it('the sample of docs/reaping.md runs as it stands', async () => {
  await runSample(sampleOf('docs/reaping.md'), stdout => {
    expect(stdout).toMatch(/^\{\n {2}ticks: 0,\n {2}reaped: 0,/)
  })
})

it('the sample of docs/heartbeat.md runs as it stands', async () => {
  await runSample(sampleOf('docs/heartbeat.md'), (stdout, folder) => {
    expect(stdout).toMatch(/^it beat \d+ ms ago\n$/)
    expect(existsSync(join(folder, 'run', 'worker.json'))).toBe(true)
  })
})
