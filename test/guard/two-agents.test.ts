import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StatusAnswer } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import { WorkTree } from './work-tree.ts'
import { COMMAND } from '../setup/command.ts'

const AGENT = join(import.meta.dirname, 'agent.mjs')
const FILE = 'src/api/handler.ts'

async function shared(): Promise<WorkTree> {
  const tree = new WorkTree()
  tree.write(FILE, '')
  tree.write('journal', '')
  tree.git('add', FILE)
  tree.git('commit', '-q', '-m', 'an empty file')
  return Promise.resolve(tree)
}

const agent = (tree: WorkTree, holder: string, hooked: string) =>
  tree.start(process.execPath, [AGENT, holder, FILE, `by ${holder}`, hooked], { env: { AGENT_HOLDFAST: COMMAND } })

const text = (tree: WorkTree, path: string) => readFileSync(join(tree.root, path), 'utf8')

it('without the guard the second agent overwrites what the first one wrote', async () => {
  await using tree = await shared()
  for (const holder of ['one', 'two']) await once(agent(tree, holder, 'bare'), 'exit')
  expect(text(tree, FILE)).toBe('by two\n')
})

it('with the guard the second is refused, waits for its turn, and goes on from what the first one wrote', async () => {
  await using tree = await shared()
  await tree.holdfast(['guard', 'install', '--git', '--agent', 'claude-code'])
  const token = await tree.lease('api', 'one', 'src/api/**')
  const second = agent(tree, 'two', 'hooked')
  const secondEnded = once(second, 'exit')
  // It stands in the line: the ledger has its ticket.
  for (let waiting = 0; waiting === 0;) waiting = StatusAnswer.parse((await tree.ask(['status'])).answer).waiting
  expect(text(tree, 'journal')).toBe('two refused\n')
  const [firstCode] = (await once(agent(tree, 'one', 'hooked'), 'exit')) as [number]
  expect(firstCode).toBe(0)
  expect(text(tree, FILE)).toBe('by one\n')
  await tree.holdfast(['release', 'api', '--holder', 'one', '--token', `${token}`])
  expect(await secondEnded).toEqual([0, null])
  expect(text(tree, 'journal')).toBe('two refused\none committed\ntwo granted\ntwo committed\n')
  expect(text(tree, FILE)).toBe('by one\nby two\n')
  expect(tree.git('log', '--format=%s', '-n', '2')).toBe('two writes\none writes\n')
})
