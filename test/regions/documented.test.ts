import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { covers, parseRegion } from '@holdfast/core'
import { expect, test } from 'vitest'

/** The rows of the table of `docs/regions.md` under "What covers what". */
const ROWS = readFileSync(join(import.meta.dirname, '../../docs/regions.md'), 'utf8')
  .split('## What covers what')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => Array.from(cell.matchAll(/`([^`]+)`/g), ([, text]) => text ?? '')))

test('docs/regions.md says what regions cover', () => {
  expect(ROWS?.length).toBeGreaterThan(10)
  for (const [, [glob = ''] = [], covered = [], others = []] of ROWS ?? []) {
    const parsed = parseRegion([glob], { caseSensitive: false })
    if (!parsed.ok) throw new Error(`${glob} is not valid`)
    expect([glob, covered.filter(path => !covers(parsed.region, path))]).toEqual([glob, []])
    expect([glob, others.filter(path => covers(parsed.region, path))]).toEqual([glob, []])
  }
})
