import { expect, test } from 'vitest'
import { Holdfast } from './holdfast.ts'

const holdfast = new Holdfast()

test('a kind that the ledger gives no budget is told of, where others have one', async () => {
  await holdfast.ask('acquire', 'before', '--holder', 'a', '--kind', 'biuld')
  await holdfast.call(['config', 'set', '-'], { input: '{"kinds": {"build": {"budget": 1}}}' })
  const slip = await holdfast.ask('acquire', 'x', '--holder', 'a', '--kind', 'biuld')
  expect(slip).toMatchObject({
    exitCode: 0,
    answer: { warnings: ['kind: "biuld" has no budget here, so nothing limits it; the ledger knows build.'] },
  })
  const known = await holdfast.ask('acquire', 'y', '--holder', 'a', '--kind', 'build')
  expect(known.exitCode).toBe(0)
  expect(known.answer).not.toHaveProperty('warnings')
})
