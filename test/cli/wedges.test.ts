import { spawn } from 'node:child_process'
import { identify, openLedger } from '@holdfast/engine'
import { DoctorAnswer, HeartbeatAnswer, CheckAnswer, LeasesAnswer, WaitAnswer, WhyAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { field, Holdfast } from './holdfast.ts'

async function answer(holdfast: Holdfast, exitCode: number, schema: z.ZodType, ...args: string[]): Promise<unknown> {
  const told = await holdfast.ask(...args)
  expect(told.exitCode, JSON.stringify(told.answer)).toBe(exitCode)
  expect(schema.parse(told.answer)).toMatchObject({})
  return told.answer
}

/** Prepared in this process: what the command line is asked about it is what is tested. */
async function prepared(
  prepare: (ledger: Awaited<ReturnType<typeof openLedger>>) => Promise<unknown>,
): Promise<Holdfast> {
  const holdfast = new Holdfast()
  await using ledger = await openLedger(`sqlite:${holdfast.path('.holdfast', 'ledger.db')}`)
  await prepare(ledger)
  return holdfast
}

describe('after a forced end', () => {
  it.concurrent('every question says that the lane is closed, until when, and by whose act', async () => {
    const holdfast = await prepared(async ledger => {
      await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '10m' })
      await ledger.scavenge({ lane: 'api', token: 1, force: true, reason: 'ann hangs' })
    })
    const draining = [
      { leaseId: 'api@1', token: 1, lane: 'api', holder: 'ann', mode: 'exclusive', region: [], kind: null },
    ]
    expect(await answer(holdfast, 0, LeasesAnswer, 'leases')).toMatchObject({ leases: [], draining, halts: [] })
    expect((await holdfast.call(['leases'])).stdout).toMatch(/^api +ann +1 +draining/m)
    const waited = await answer(holdfast, 3, WaitAnswer, 'wait', 'api', '--timeout', '1ms')
    expect(waited).toMatchObject({ free: false, code: 'draining', blockers: [{ leaseId: 'api@1' }] })
    const why = await answer(holdfast, 0, WhyAnswer, 'why', 'api')
    expect(why).toMatchObject({ draining: [{ endedBy: { type: 'SCAVENGE', data: { reason: 'ann hangs' } } }] })
    expect(why).toMatchObject({
      blocked: { code: 'draining' },
      next: [{ action: 'wait', command: 'holdfast wait api' }, {}],
    })
    expect((await holdfast.call(['why', 'api'])).stdout).toMatch(/^Nobody holds api now, but it is not free\.$/m)
    const doctor = await answer(holdfast, 3, DoctorAnswer, 'doctor')
    expect(doctor).toMatchObject({ ok: true, inTheWay: [{ check: 'draining', subject: 'api@1' }] })
    expect((await holdfast.call(['doctor'])).stdout).toContain('One thing stands in the way.')
  })

  it.concurrent('the refusal hands out the command that waits for the lane, and it gets it', async () => {
    const holdfast = await prepared(async ledger => {
      await ledger.configure({ ...ledger.config, graceMs: 500 })
      await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '5s' })
      await ledger.scavenge({ lane: 'api', token: 2, force: true })
    })
    const refused = await holdfast.ask('acquire', 'api', '--holder', 'ben')
    expect(refused).toMatchObject({ exitCode: 3, answer: { code: 'draining', next: [{ action: 'wait' }, {}] } })
    const command = String(field(refused.answer, 'next', 0, 'command'))
    const { exitCode, stdout } = await holdfast.bash(command)
    expect(exitCode, stdout).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'granted', lease: { holder: 'ben' } })
  })
})

describe('what is in the way has a way out that works when it is pasted', () => {
  it.concurrent.each([
    ['awaiting-reap', 'scavenge', { reap: 'required' }],
    ['orphan-alive', 'kill', {}],
  ] as const)('%s: %s', async (code, action, more) => {
    const holdfast = new Holdfast()
    const sleeper = spawn('sleep', ['60'])
    const self = identify(sleeper.pid ?? 0)
    if (self === null) throw new Error('the child runs')
    await using ledger = await openLedger(`sqlite:${holdfast.path('.holdfast', 'ledger.db')}`)
    await ledger.configure({ ...ledger.config, graceMs: 1 })
    await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1ms', children: [self], ...more })
    const refused = await holdfast.ask('acquire', 'api', '--holder', 'ben')
    expect(refused).toMatchObject({ exitCode: 3, answer: { code } })
    const steps = field(refused.answer, 'next') as { readonly action: string; readonly command?: string }[]
    const command = steps.find(step => step.action === action)?.command
    const ended = new Promise(resolve => sleeper.once('exit', resolve))
    expect((await holdfast.bash(String(command))).exitCode).toBe(0)
    if (action === 'kill') await ended
    else sleeper.kill()
    expect(await holdfast.ask('acquire', 'api', '--holder', 'ben')).toMatchObject({ exitCode: 0 })
  })
})

describe('a stop intent', () => {
  it.concurrent('reaches a holder that beats from a shell, and changes no exit code', async () => {
    const holdfast = await prepared(async ledger => {
      await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '10m' })
      await ledger.halt({ handle: 'op', leaseId: 'api@1', reason: 'too slow' })
    })
    const halt = { revision: 2, handle: 'op', reason: 'too slow' }
    const own = ['api', '--token', '1'] as const
    expect(await answer(holdfast, 0, HeartbeatAnswer, 'heartbeat', ...own, '--holder', 'ann')).toMatchObject({ halt })
    expect(await answer(holdfast, 0, CheckAnswer, 'check', ...own)).toMatchObject({ held: true, halt })
    expect((await holdfast.call(['check', ...own])).stdout).toContain('holdfast release api --holder ann --token 1')
    expect(await answer(holdfast, 0, LeasesAnswer, 'leases')).toMatchObject({
      halts: [{ handle: 'op', status: 'pending' }],
    })
    expect(await holdfast.ask('release', ...own, '--holder', 'ann')).toMatchObject({ exitCode: 0 })
    const { answer: liveness } = await holdfast.ask('liveness')
    expect(liveness).toMatchObject({ halts: [{ handle: 'op', status: 'confirmed' }] })
  })
})
