import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { holdfast } from '../run/harness/command-line.ts'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'

const RUNS = 100
const CONTENDING = 20

test(`${RUNS} runs in processes of their own at once, ${CONTENDING} of them for one lane: each ends as its child does, and those of one lane one after the other`, async () => {
  await using at = await LedgerFolder.make({ ttlDefaultMs: 60_000, graceMs: 1000 })
  const words = 'echo "start $1" >> journal; sleep 0.05; echo "end $1" >> journal; exit $(($1 % 100))'
  const lane = (index: number): string => (index < CONTENDING ? 'shared' : `lane-${index}`)
  const running = Array.from({ length: RUNS }, (_, index) => {
    const command = ['sh', '-c', words, 'sh', String(index)]
    const holder = `H${index}`
    const asked = ['run', lane(index), '--store', at.url, '--holder', holder, '--wait', '10m', '--', ...command]
    return holdfast(asked, { cwd: at.folder })
  })
  const ended = await Promise.all(running.map(({ ended: end }) => end))
  expect(ended.map(({ code }) => code)).toEqual(running.map((_, index) => index))
  expect(ended.map(({ stderr }) => stderr).join('')).toBe('')
  const journal = readFileSync(at.path('journal'), 'utf8').trimEnd().split('\n')
  const shared = journal.filter(line => Number(line.split(' ')[1]) < CONTENDING)
  for (const [place, line] of shared.entries()) {
    if (line.startsWith('start')) expect(shared[place + 1]).toBe(line.replace('start', 'end'))
  }
  expect(journal).toHaveLength(2 * RUNS)
  expect(await at.ledger.leases()).toEqual([])
})
