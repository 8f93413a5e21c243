import { readFileSync, writeFileSync } from 'node:fs'
import { runChild } from '@holdfast/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdfast } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'

let at: LedgerFolder
beforeAll(async () => {
  at = await LedgerFolder.make({ ttlDefaultMs: 20_000, graceMs: 1000 })
  writeFileSync(at.path('plain.txt'), 'no program')
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
})

const run = (lane: string, ...command: readonly string[]) =>
  holdfast(['run', lane, '--store', at.url, '--holder', 'H', '--', ...command]).ended

describe.concurrent('run ends with', () => {
  it.each([
    ['the code of its child', 7, ['sh', '-c', 'exit 7']],
    ['128 and the number of the signal that ended its child', 143, ['sh', '-c', 'kill -TERM $$']],
    ['127 for a command that is not found', 127, ['no-such-command-here']],
    ['126 for a file that is not executable', 126, ['./plain.txt']],
  ] as const)('%s', async (_, code, command) => {
    const args = ['run', `lane-${code}`, '--store', at.url, '--holder', 'H', '--', ...command]
    const ended = await holdfast(args, { cwd: at.folder }).ended
    expect(ended.code).toBe(code)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).not.toMatch(/\n\s+at /)
  })

  it('124 when it is not admitted, and names the blocker', async () => {
    await at.ledger.acquire({ lane: 'taken', holder: 'A' })
    const ended = await run('taken', 'true')
    expect(ended.code).toBe(124)
    expect(ended.stderr).toContain('taken@')
  })

  it('125 when the store is out of reach, and starts nothing', async () => {
    const store = `sqlite:${at.path('plain.txt')}/ledger.db`
    const ended = await holdfast(['run', 'x', '--store', store, '--holder', 'H', '--', 'sh', '-c', 'echo ran']).ended
    expect(ended.code).toBe(125)
    expect(ended.stdout).toBe('')
  })
})

it('a run that cannot be understood is announced to nobody', async () => {
  const running = runChild(at.ledger, { hold: { lane: 'unclear', holder: 'H', wait: 'soon' }, command: ['true'] })
  await expect(running).rejects.toMatchObject({ faults: [{ path: 'wait' }] })
  const { spawns } = await at.ledger.refresh()
  expect([...spawns.live(await at.ledger.now())].filter(([, { lane }]) => lane === 'unclear')).toEqual([])
})

it('nothing of the launcher is in the environment of the child, and its lease is', async () => {
  const env = { NODE_PATH: `${import.meta.dirname}/../../node_modules/.pnpm/node_modules:/own/modules` }
  const print = 'echo "$HOLDFAST_LANE $HOLDFAST_HOLDER $HOLDFAST_RUN_ID $NODE_PATH"'
  const args = ['run', 'env', '--store', at.url, '--holder', 'H', '--run-id', 'job-1', '--', 'sh', '-c', print]
  const ended = await holdfast(args, { env }).ended
  expect(ended).toMatchObject({ code: 0, stdout: 'env H job-1 /own/modules\n' })
})

describe('--report', () => {
  const report = async (store: string, ...command: readonly string[]): Promise<unknown> => {
    const args = ['run', 'told', '--store', store, '--holder', 'H', '--report', 'report.json', '--', ...command]
    const { code, stderr } = await holdfast(args, { cwd: at.folder }).ended
    const told: unknown = JSON.parse(readFileSync(at.path('report.json'), 'utf8'))
    return { code, stderr, told }
  }

  it('holds what became of the run, and how the child ended', async () => {
    const { ledgerId } = at.ledger
    const exit = { code: 7, signal: null }
    expect(await report(at.url, 'sh', '-c', 'exit 7')).toMatchObject({
      code: 7,
      stderr: '',
      told: { ledgerId, outcome: 'ended', exitCode: 7, lane: 'told', holder: 'H', exit, refusal: null, detail: '' },
    })
    expect(await report(at.url, 'no-such-command')).toMatchObject({
      code: 127,
      told: {
        outcome: 'not-found',
        exitCode: 127,
        leaseId: null,
        exit: null,
        detail: 'no-such-command: command not found',
      },
    })
    const { lease } = await granted('told')
    expect(await report(at.url, 'true')).toMatchObject({
      code: 124,
      told: { outcome: 'not-admitted', refusal: { code: 'lane-held', blockers: [{ leaseId: lease.leaseId }] } },
    })
  })

  it('holds the error where the store cannot be used', async () => {
    expect(await report(`sqlite:${at.path('plain.txt')}/ledger.db`, 'true')).toMatchObject({
      code: 125,
      told: { error: { code: 'unavailable' } },
    })
  })
})

async function granted(lane: string) {
  const asked = await at.ledger.acquire({ lane, holder: 'A' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  return asked
}
