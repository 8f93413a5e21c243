import { writeFileSync } from 'node:fs'
import {
  AdjudicatedLine,
  DiffAnswer,
  DoctorAnswer,
  HistoryAnswer,
  LeasesAnswer,
  WaitAnswer,
  WhyAnswer,
} from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { field, Holdfast } from './holdfast.ts'

async function answer(holdfast: Holdfast, schema: z.ZodType, ...args: string[]): Promise<unknown> {
  const told = await holdfast.ask(...args)
  expect(told.exitCode, JSON.stringify(told.answer)).toBe(0)
  expect(schema.parse(told.answer)).toEqual(told.answer)
  return told.answer
}

/** r1 grants `api` to ann, r2 refuses ben, r3 gives `api` to cid by force, in r4 ann says that she stopped, r5 ends it. */
async function eventful(): Promise<Holdfast> {
  const holdfast = new Holdfast()
  await holdfast.ask('init', '--ttl', '10m')
  await holdfast.ask('acquire', 'api', '--holder', 'ann', '--region', 'src/**')
  await holdfast.ask('acquire', 'web', '--holder', 'ben', '--region', 'src/x.ts', '--request-id', 'q')
  await holdfast.ask('adopt', 'api', '--holder', 'cid', '--expect-token', '1', '--force', '--reason', 'ann is ill')
  await holdfast.ask('release', 'api', '--holder', 'ann', '--token', '1')
  await holdfast.ask('release', 'api', '--holder', 'cid', '--token', '3')
  return holdfast
}

describe('questions about the past', () => {
  it.concurrent('a refusal says what stood in its way then, and what became of the request', async () => {
    const holdfast = await eventful()
    const before = await answer(holdfast, WhyAnswer, 'why', 'r2')
    expect(before).toMatchObject({
      about: 'revision',
      event: { type: 'REFUSE', data: { code: 'region-held', blockers: [{ leaseId: 'api@1', witness: 'src/x.ts' }] } },
      blockers: [{ leaseId: 'api@1', holder: 'ann', region: ['src/**'] }],
      grantedLater: null,
    })
    await holdfast.ask('scavenge', 'api', '--token', '3', '--force')
    const got = await holdfast.ask('acquire', 'web', '--holder', 'ben', '--region', 'docs/**', '--request-id', 'q')
    const token = field(got.answer, 'lease', 'token')
    expect(field(await answer(holdfast, WhyAnswer, 'why', '2'), 'grantedLater')).toMatchObject({
      leaseId: `web@${String(token)}`,
    })
    // The digits of a refusal's id alone mean the same, and compaction takes nothing of it away.
    expect((await holdfast.ask('compact')).exitCode).toBe(0)
    const after = await answer(holdfast, WhyAnswer, 'why', 'r2')
    expect(field(after, 'blockers')).toEqual(field(before, 'blockers'))
    const told = await holdfast.call(['why', 'r2'])
    expect(told.stdout).toContain('held then    api@1 of ann')
    expect(told.stdout).toContain('both cover src/x.ts')
  })

  it.concurrent('a lane and a lease say who held them before, and why they changed hands', async () => {
    const holdfast = await eventful()
    const owners = [
      { holder: 'ann', token: 1, adopted: null },
      { holder: 'cid', token: 3, adopted: { ground: 'forced', forced: true }, reason: 'ann is ill' },
    ]
    const lineage = [{ leaseId: 'api@1', lane: 'api', owners, end: { how: 'released' } }]
    for (const name of ['api', 'api@1']) {
      const history = await answer(holdfast, HistoryAnswer, 'history', name)
      expect(history).toMatchObject({ name, lineage, earlierEvents: 0 })
      const types = field(history, 'events') as { readonly type: string }[]
      expect(types.map(({ type }) => type)).toEqual(['ACQUIRE', 'REFUSE', 'ADOPT', 'RELEASE', 'RELEASE'])
      expect(await answer(holdfast, WhyAnswer, 'why', name)).toMatchObject({ about: 'name', name, leases: [], lineage })
    }
    expect(await answer(holdfast, HistoryAnswer, 'history', 'api', '-n', '1')).toMatchObject({ earlierEvents: 4 })
    expect((await holdfast.call(['history', 'nobody'])).stdout).toBe('Nothing is recorded about nobody.\n')
  })

  it.concurrent('a time is read as people say it, and told as what it was taken', async () => {
    const holdfast = await eventful()
    const env = { TZ: 'Asia/Kathmandu' }
    const told = await holdfast.call(['leases', '--at', '-1ms ago'], { env })
    expect(told).toMatchObject({ exitCode: 2, stdout: '' })
    const now = await holdfast.call(['leases', '--at', 'now'], { env })
    expect(now.stderr).toMatch(/^"now" is \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\n$/)
    const answered = await answer(holdfast, LeasesAnswer, 'leases', '--at', 'r1')
    expect(field(answered, 'asOf')).toBe(field(answered, 'leases', 0, 'acquiredAt'))
    const changes = await answer(holdfast, DiffAnswer, 'diff', 'r1', 'now')
    expect(field(changes, 'fromAsOf')).toBe(field(answered, 'asOf'))
    // A span before now looks like an option, and is none.
    expect((await holdfast.call(['diff', '-2h', 'now'])).stderr).toContain('Nothing was recorded by then')
    expect((await holdfast.call(['diff', '--jsno', 'r1'])).stderr).toContain("Unknown option '--jsno'")
  })

  it.concurrent('holders that wait for each other are shown as a cycle', async () => {
    const holdfast = new Holdfast()
    await holdfast.ask('init', '--ttl', '10m')
    await holdfast.ask('acquire', 'a', '--holder', 'ann')
    await holdfast.ask('acquire', 'b', '--holder', 'ben')
    const waits = [
      holdfast.start(['acquire', 'b', '--holder', 'ann', '--wait', '5m']),
      holdfast.start(['acquire', 'a', '--holder', 'ben', '--wait', '5m']),
    ]
    const following = holdfast.start(['log', '--follow', '--type', 'REFUSE', '--json'])
    await following.lines(2)
    const why = await answer(holdfast, WhyAnswer, 'why', 'a')
    expect(field(why, 'cycles', 0)).toHaveLength(2)
    expect(field(why, 'waiting', 0)).toMatchObject({ holder: 'ben', lane: 'a' })
    const { exitCode, answer: doctor } = await holdfast.ask('doctor')
    expect(exitCode).toBe(3)
    expect(DoctorAnswer.parse(doctor)).toMatchObject({ ok: true })
    expect(field(doctor, 'checks')).toContainEqual(
      expect.objectContaining({ name: 'waiting cycles', ok: false, count: 1 }),
    )
    for (const { child } of [...waits, following]) child.kill('SIGINT')
    await Promise.all([...waits, following].map(({ ended }) => ended))
  })

  it.concurrent('the leases as they were at a revision and at a time', async () => {
    const holdfast = await eventful()
    const holders = async (...args: string[]): Promise<unknown> => {
      const leases = field(await answer(holdfast, LeasesAnswer, 'leases', ...args), 'leases') as { holder: string }[]
      return leases.map(({ holder }) => holder)
    }
    expect(await holders('--at', 'r1')).toEqual(['ann'])
    expect(await holders('--at', '3')).toEqual(['cid'])
    expect(await holders()).toEqual([])
    const adopted = await holdfast.ask('why', 'r3')
    const at = String(field(adopted.answer, 'event', 'recordedAt'))
    expect(await holders('--at', at)).toEqual(['cid'])
    const noLeases = await answer(holdfast, LeasesAnswer, 'leases', '--at', 'r0')
    expect(noLeases).toMatchObject({ head: 0, leases: [] })
  })

  it.concurrent('what changed between two points', async () => {
    const holdfast = await eventful()
    expect(await answer(holdfast, DiffAnswer, 'diff', 'r0', 'r1')).toMatchObject({
      from: 0,
      head: 1,
      began: [{ leaseId: 'api@1' }],
    })
    expect(await answer(holdfast, DiffAnswer, 'diff', 'r1', 'r3')).toMatchObject({
      began: [],
      ended: [],
      changedHands: [{ before: { holder: 'ann' }, after: { holder: 'cid' } }],
    })
    expect(await answer(holdfast, DiffAnswer, 'diff', '3', '5')).toMatchObject({ ended: [{ holder: 'cid' }] })
    expect((await holdfast.call(['diff', 'r3', 'r1'])).exitCode).toBe(2)
  })

  it.concurrent('waiting for a lane ends when it is given up, and at its own time', async () => {
    const holdfast = new Holdfast()
    await holdfast.ask('init', '--ttl', '10m')
    expect(await answer(holdfast, WaitAnswer, 'wait', 'api')).toMatchObject({ free: true, leases: [] })
    const got = await holdfast.ask('acquire', 'api', '--holder', 'ann')
    const late = await holdfast.ask('wait', 'api', '--timeout', '1ms')
    expect(late).toMatchObject({ exitCode: 3, answer: { free: false, leases: [{ holder: 'ann' }] } })
    const waiting = holdfast.start(['wait', 'api', '--json'])
    await holdfast.ask('release', 'api', '--holder', 'ann', '--token', String(field(got.answer, 'lease', 'token')))
    const { exitCode, stdout } = await waiting.ended
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ lane: 'api', free: true })
  })

  it.concurrent('a lane whose lease asked for a reaper is waited for until somebody ends that, whatever the time', async () => {
    const holdfast = new Holdfast()
    await holdfast.ask('acquire', 'job', '--holder', 'ann', '--reap', 'required')
    const { exitCode, stdout } = await holdfast.call(['wait', 'job', '--timeout', '1ms'])
    expect(exitCode).toBe(3)
    expect(stdout).toContain('No time frees it: somebody has to end what is named here.')
    expect((await holdfast.ask('release', 'job', '--holder', 'ann', '--token', '1')).exitCode).toBe(0)
    expect(await answer(holdfast, WaitAnswer, 'wait', 'job')).toMatchObject({ free: true })
  })

  it.concurrent('a recorded history is judged again, under the policy of a file', async () => {
    const holdfast = await eventful()
    const judged = await holdfast.call(['judge', 'liveness', '--over', 'r1..', '--json'])
    expect(judged.exitCode).toBe(0)
    const lines = judged.stdout
      .trimEnd()
      .split('\n')
      .map(line => AdjudicatedLine.parse(JSON.parse(line)))
    expect(lines).toMatchObject([
      { revision: 1, leaseId: 'api@1', holder: 'ann', verdict: 'ADVANCING', basis: 'within-grace' },
      { revision: 3, leaseId: 'api@1', holder: 'cid', token: 3, verdict: 'ADVANCING' },
    ])
    writeFileSync(holdfast.path('strict.json'), '{"stallMs":0,"ttlMs":0}')
    const health = await holdfast.call(['judge', 'health', '--over', '..r3', '--policy', 'strict.json'])
    expect(health.stdout).toContain('LIVE')
    for (const args of [
      ['liveness', '--over', 'r1'],
      ['reap', '--over', 'r1..'],
      ['health', '--over', 'r1..'],
      ['health', '--policy', 'strict.json'],
    ]) {
      expect((await holdfast.call(['judge', ...args])).exitCode).toBe(2)
    }
  })

  it.concurrent('what was never there is said in a sentence', async () => {
    const holdfast = await eventful()
    for (const args of [
      ['why', 'r99'],
      ['leases', '--at', '2020-01-01'],
      ['leases', '--at', 'r99'],
      ['leases', '--at', '2099-01-01'],
      ['diff', 'r1', 'r99'],
      ['judge', 'liveness', '--over', 'r3..r1'],
      ['judge', 'liveness', '--over', 'r3..2020-01-01'],
      ['judge', 'liveness', '--over', 'r1..r99'],
      ['why', '-1'],
      ['why', 'r-1'],
      ['why', 'api@99'],
      ['leases', '--config', 'nowhere.json'],
      ['overlap', '--a', 'x', '--b', 'y', '--config', 'nowhere.json'],
      ['leases', '--at', 'soon'],
      ['why'],
      ['history'],
      ['diff', 'r1'],
      ['wait', ''],
    ]) {
      const { exitCode, stdout, stderr } = await holdfast.call(args)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr.trim().split('\n').length).toBeLessThan(4)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
  })
})
