import { readFileSync } from 'node:fs'
import { Configuration } from '@holdfast/core'
import { openLeanLedger } from '@holdfast/engine/lean'
import { AcquireAnswer, RunAnswer, WhyAnswer } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'

async function twoTrees(workTrees: 'together' | 'apart'): Promise<Scene> {
  const scene = new Scene()
  scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  const config = Configuration.parse({ workTrees })
  await using ledger = await openLeanLedger(undefined, { folder: scene.path('main'), config })
  const outcome = await ledger.acquire({ lane: 'x', holder: 'A', region: ['src/**'], ttl: '1h' })
  expect(outcome.outcome).toBe('granted')
  return scene
}

it('what blocks from another work tree is named with that tree, in refusals, why and leases', async () => {
  using scene = await twoTrees('together')
  const main = { id: 'main', path: scene.path('main') }
  const refused = await scene.acquire('linked', 'y', 'B', '--region', 'src/a')
  expect(AcquireAnswer.parse(refused.answer)).toMatchObject({ blockers: [{ leaseId: 'x@1', workTree: main }] })
  const clause = `in tree main (${main.path})`
  const told = await scene.holdfast('linked', ['acquire', 'y', '--holder', 'B', '--region', 'src/a'])
  expect(told.stdout + told.stderr).toContain(`x@1, of A, ${clause}`)
  const why = await scene.holdfast('linked', ['why', 'x', '--json'])
  expect(WhyAnswer.parse(why.answer)).toMatchObject({ blocked: { blockers: [{ workTree: main }] } })
  expect((await scene.holdfast('linked', ['why', 'x'])).stdout).toContain(`x@1 of A, ${clause}`)
  expect((await scene.holdfast('linked', ['leases'])).stdout).toMatch(/TREE[^]* main /)
  // Where everybody is, nothing is said.
  const here = await scene.acquire('main', 'y', 'B', '--region', 'src/a')
  expect(JSON.stringify(AcquireAnswer.parse(here.answer))).not.toContain('workTree')
  expect((await scene.holdfast('main', ['leases'])).stdout).not.toContain('TREE')
})

it('the report of a run names its merge risks', async () => {
  using scene = await twoTrees('apart')
  const args = ['run', 'y', '--holder', 'B', '--region', 'src/a', '--report', scene.path('report.json'), '--', 'true']
  expect(await scene.holdfast('linked', args)).toMatchObject({ exitCode: 0 })
  const report = RunAnswer.parse(JSON.parse(readFileSync(scene.path('report.json'), 'utf8')))
  expect(report).toMatchObject({ mergeRisks: [{ leaseId: 'x@1', holder: 'A', witness: 'src/a' }], moreMergeRisks: 0 })
})
