import { statSync } from 'node:fs'
import { openLeanLedger } from '@holdfast/engine/lean'
import { expect, test } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'
import { appendBeats } from './many-beats.ts'

const EVENTS = 100_000

/** The command alone takes about 25 MB of it; the text of the export, kept, would take as much again. */
const HEAP_MB = 36

test(`${EVENTS} events are exported and imported in a heap that could not hold them`, async () => {
  const holdfast = new Holdfast()
  {
    await using ledger = await openLeanLedger(`sqlite:${holdfast.path('long.db')}`, { actor: null })
    await appendBeats(ledger, EVENTS)
  }
  const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --max-semi-space-size=4` }
  const exported = await holdfast.call(['export', 'e.jsonl', '--store', 'sqlite:long.db'], { env })
  expect([exported.exitCode, exported.stdout]).toEqual([0, `exported  ${EVENTS + 1} events to e.jsonl\n`])
  expect(statSync(holdfast.path('e.jsonl')).size).toBeGreaterThan(20 * 1024 * 1024)
  const imported = await holdfast.call(['import', 'holdfast', 'e.jsonl', '--store', 'sqlite:copy.db'], { env })
  expect([imported.exitCode, imported.stdout]).toEqual([0, `imported  ${EVENTS + 1} events\n`])
})
