import { Configuration } from '@holdfast/core'
import { openLeanLedger } from '@holdfast/engine/lean'
import { LeasesAnswer } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import { mergeRiskLines } from '../../packages/cli/src/print/lease-lines.ts'
import { field, Holdfast } from './holdfast.ts'

const MAIN = { id: 'main', path: '/repo' }
const LINKED = { id: 'worktrees/wt\u202e', path: '/wt' }

it('leases names the trees where there are several, escaped, and JSON has them always', async () => {
  const holdfast = new Holdfast()
  const config = Configuration.parse({ workTrees: 'apart' })
  await using ledger = await openLeanLedger(`sqlite:${holdfast.path('l.db')}`, { config, workTree: MAIN })
  await ledger.acquire({ lane: 'x', holder: 'ann', region: ['src/**'] })
  const store = ['--store', `sqlite:${holdfast.path('l.db')}`]
  const before = await holdfast.call(['leases', ...store])
  expect(before.stdout).not.toContain('TREE')
  await ledger.acquire({ lane: 'y', holder: 'ben', region: ['src/**'], workTree: LINKED })
  await ledger.acquire({ lane: 'z', holder: 'cid', workTree: null })
  const { stdout } = await holdfast.call(['leases', ...store])
  const [headings = '', ...rows] = stdout.trimEnd().split('\n')
  const at = headings.indexOf('TREE')
  expect(rows.map(row => row.slice(at).split('  ')[0]?.trim())).toEqual(['main', String.raw`worktrees/wt\u{202e}`, '-'])
  const { answer } = await holdfast.ask('leases', ...store)
  expect(LeasesAnswer.parse(answer).leases.map(({ workTree }) => workTree)).toEqual([MAIN, LINKED, null])
  expect((await holdfast.call(['why', 'y', ...store])).stdout).toContain(String.raw`in tree worktrees/wt\u{202e} (/wt)`)
  expect(field((await holdfast.ask('config', 'show', ...store)).answer, 'config', 'workTrees')).toBe('apart')
})

it('a grant tells each merge risk in one line', async () => {
  const config = Configuration.parse({ workTrees: 'apart' })
  await using ledger = await openLeanLedger('memory:', { config, workTree: MAIN })
  await ledger.acquire({ lane: 'x', holder: 'ann\u202e', region: ['src/a.ts'] })
  const granted = await ledger.acquire({ lane: 'y', holder: 'ben', region: ['src/**'], workTree: LINKED })
  if (granted.outcome !== 'granted') throw new Error(JSON.stringify(granted))
  expect(mergeRiskLines({ ...granted, moreMergeRisks: 2 })).toEqual([
    String.raw`merge risk  x@1 of ann\u{202e} in tree main (/repo), both cover src/a.ts`,
    'merge risk  2 more',
  ])
})
