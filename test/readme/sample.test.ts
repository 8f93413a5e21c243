import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'
import { runSample, sampleOf, samplesOf, sessionOf } from './run-sample.ts'

it('the library sample of the README runs as it stands', async () => {
  const sample = sampleOf('README.md')
  expect(sample.trim().split('\n').length).toBeLessThanOrEqual(10)
  await runSample(sample, (stdout, folder) => {
    expect(stdout).toBe('only while held, with fencing token 1\n')
    expect(existsSync(join(folder, '.holdfast', 'ledger.db'))).toBe(true)
  })
})

/** Times differ from run to run: instants, and spans until then. */
const withoutTimes = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\bin (?:\d+(?:h|min|s|ms) ?)+(?= \(TIME\)|\))/g, 'in SPAN')
    .replaceAll(/--wait \d+[ms]\b/g, '--wait SPAN')

it('the commands of the README print what stands below them', async () => {
  const holdfast = new Holdfast()
  const session = sessionOf('README.md')
  expect(session.map(({ args }) => args[0])).toEqual(['acquire', 'acquire', 'release'])
  for (const { args, printed } of session) {
    const { stdout } = await holdfast.call(args)
    expect(withoutTimes(stdout)).toBe(withoutTimes(printed))
  }
})

it('the README stays short enough to be read at once', () => {
  expect(
    readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8').split('\n').length,
  ).toBeLessThanOrEqual(121)
})

it('the sample of packages/core/README.md runs as it stands, and prints what is said of it', async () => {
  await runSample(sampleOf('packages/core/README.md'), stdout => {
    expect(stdout).toBe('api@1 region-held A src/api/notes.md 90000\ngranted api@1 4\nnot-held\n')
  })
})

it('the sample of docs/reaping.md runs as it stands', async () => {
  await runSample(sampleOf('docs/reaping.md'), stdout => {
    expect(stdout).toMatch(/^\{\n {2}ticks: 0,\n {2}reaped: 0,/)
  })
})

it('the sample of docs/heartbeat.md runs as it stands', async () => {
  await runSample(sampleOf('docs/heartbeat.md'), (stdout, folder) => {
    expect(stdout).toMatch(/^it beat \d+m?s ago\n$/)
    expect(existsSync(join(folder, 'run', 'worker.json'))).toBe(true)
  })
})

it('the samples of the engine run as they stand', async () => {
  const [holding = '', commands = '', ...others] = samplesOf('packages/engine/README.md')
  expect(others).toEqual([])
  await runSample(holding, stdout => expect(stdout).toBe('wrote under token 1\n'))
  await runSample(commands, stdout =>
    expect(stdout.split('\n')).toEqual(['c', 'held', 'beaten', 'stale-token', 'released', '']),
  )
})

it('the samples of the store and the projections run as they stand', async () => {
  await runSample(sampleOf('packages/store/README.md'), stdout => expect(stdout).toBe('none\n'))
  await runSample(sampleOf('packages/projections/README.md'), stdout => expect(stdout).toBe('[]\n0 live now\ntrue\n'))
})
