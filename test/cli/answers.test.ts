import { readFileSync, writeFileSync } from 'node:fs'
import {
  AcquireAnswer,
  AdoptAnswer,
  CheckAnswer,
  ConfigAnswer,
  FailureAnswer,
  HealthJudgement,
  HeartbeatAnswer,
  InitAnswer,
  IntentAnswer,
  LeasesAnswer,
  LivenessAnswer,
  LivenessJudgement,
  LogLine,
  OverlapAnswer,
  PresenceJudgement,
  ReapJudgement,
  ReleaseAnswer,
  RunAnswer,
  ScavengeAnswer,
  StatusAnswer,
  VerifyAnswer,
} from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { field, Holdfast } from './holdfast.ts'

/** Calls with --json, holds the answer against its schema, and sees that the schema knows all of it. */
async function answer(holdfast: Holdfast, schema: z.ZodType, exitCode: number, ...args: string[]): Promise<unknown> {
  const told = await holdfast.ask(...args)
  expect(told.exitCode, JSON.stringify(told.answer)).toBe(exitCode)
  expect(schema.parse(told.answer)).toEqual(told.answer)
  return told.answer
}

const asHolder = (holder: string, token: unknown): string[] => ['--holder', holder, '--token', String(token)]
const asA = ['--holder', 'a'] as const
const asB = ['--holder', 'b'] as const

describe('each answer has its schema, and each outcome its exit code', () => {
  it.concurrent('for a grant, what it refuses, and the questions about it', async () => {
    const holdfast = new Holdfast()
    const made = await answer(holdfast, InitAnswer, 0, 'init', '--ttl', '20s')
    expect(field(made, 'notes', 0)).toContain('grace')
    const region = ['--region', 'src/**', '--region', 'docs/*.md']
    const granted = await answer(holdfast, AcquireAnswer, 0, 'acquire', 'api', ...asA, ...region)
    expect(field(granted, 'lease', 'region')).toEqual(['src/**', 'docs/*.md'])
    expect(field(granted, 'ledgerId')).toBe(field(made, 'ledgerId'))
    const token = field(granted, 'lease', 'token')
    const refused = await answer(holdfast, AcquireAnswer, 3, 'acquire', 'web', ...asB, '--region', 'src/x.ts')
    expect(refused).toMatchObject({ code: 'region-held', blockers: [{ leaseId: 'api@1', witness: 'src/x.ts' }] })
    const [leases, status] = await Promise.all([
      answer(holdfast, LeasesAnswer, 0, 'leases'),
      answer(holdfast, StatusAnswer, 0, 'status'),
      answer(holdfast, LivenessAnswer, 0, 'liveness'),
      answer(holdfast, CheckAnswer, 0, 'check', 'api', '--token', String(token)),
      answer(holdfast, CheckAnswer, 4, 'check', 'api', '--token', '999'),
      answer(holdfast, CheckAnswer, 4, 'check', 'nobody', '--token', '1'),
      answer(holdfast, ConfigAnswer, 0, 'config', 'show'),
    ])
    expect(field(leases, 'leases', 0)).toMatchObject({ lane: 'api', holder: 'a', token, expired: false })
    expect(status).toMatchObject({ live: 1, head: field(leases, 'head'), closed: null })
  })

  it.concurrent('for a lease that is kept, given up and asked for again', async () => {
    const holdfast = new Holdfast()
    const asking = ['acquire', 'api', ...asA, '--request-id', 'q']
    const token = field(await answer(holdfast, AcquireAnswer, 0, ...asking), 'lease', 'token')
    const beat = ['heartbeat', 'api', '--activity', 'tests', '--expect', '1m', ...asHolder('a', token)]
    const [beaten, , , halted] = await Promise.all([
      answer(holdfast, HeartbeatAnswer, 0, ...beat),
      answer(holdfast, HeartbeatAnswer, 4, 'heartbeat', 'api', ...asHolder('a', 999)),
      answer(holdfast, HeartbeatAnswer, 4, 'heartbeat', 'api', ...asHolder('b', token)),
      answer(holdfast, IntentAnswer, 0, 'halt', 'stop', '--lane', 'api', '--reason', 'why not'),
      answer(holdfast, IntentAnswer, 0, 'spawn', 'web', ...asB),
    ])
    expect(field(beaten, 'lease', 'activity')).toEqual({ label: 'tests', grantedMs: 60_000 })
    expect(field(halted, 'bound', 'token')).toBe(token)
    await answer(holdfast, ReleaseAnswer, 0, 'release', 'api', ...asHolder('a', token))
    await answer(holdfast, ReleaseAnswer, 4, 'release', 'api', ...asHolder('a', token))
    expect(field(await answer(holdfast, AcquireAnswer, 3, ...asking), 'how')).toBe('released')
  })

  it.concurrent('for a lease that is taken from its holder', async () => {
    const holdfast = new Holdfast()
    const token = field(await answer(holdfast, AcquireAnswer, 0, 'acquire', 'api', ...asA), 'lease', 'token')
    const adopting = ['adopt', 'api', ...asB, '--expect-token', String(token)]
    await answer(holdfast, AdoptAnswer, 3, ...adopting)
    const adopted = await answer(holdfast, AdoptAnswer, 0, ...adopting, '--force')
    const newToken = String(field(adopted, 'lease', 'token'))
    // All who are told of the lease are told that its guard is closed, and until when.
    const [beaten, listed] = await Promise.all([
      answer(holdfast, HeartbeatAnswer, 0, 'heartbeat', 'api', ...asHolder('b', newToken)),
      answer(holdfast, LeasesAnswer, 0, 'leases'),
    ])
    const drains = field(listed, 'leases', 0, 'draining')
    expect(drains).toMatchObject([{ token, holder: 'a' }])
    for (const one of [adopted, beaten]) expect(field(one, 'lease', 'draining')).toEqual(drains)
    const told = await holdfast.call(['heartbeat', 'api', ...asHolder('b', newToken)])
    expect(told.stdout).toMatch(/\n {2}drains {6}until .*Z \(in .*\), for a may still believe; no guard opens before\n/)
    const [draining] = await Promise.all([
      answer(holdfast, CheckAnswer, 4, 'check', 'api', '--token', newToken),
      answer(holdfast, AdoptAnswer, 4, ...adopting, '--force'),
      answer(holdfast, ScavengeAnswer, 3, 'scavenge', 'api', '--token', newToken),
    ])
    expect(field(draining, 'outcome')).toBe('draining')
    expect(field(draining, 'lease', 'draining')).toEqual(drains)
    const drained = await answer(holdfast, ReleaseAnswer, 0, 'release', 'api', ...asHolder('a', token))
    expect(field(drained, 'outcome')).toBe('drained')
    const scavenged = await answer(holdfast, ScavengeAnswer, 0, 'scavenge', 'api', '--token', newToken, '--force')
    expect(field(scavenged, 'drainsUntil')).not.toBeNull()
    const [, verified, log] = await Promise.all([
      answer(holdfast, ScavengeAnswer, 4, 'scavenge', 'api', '--token', newToken),
      answer(holdfast, VerifyAnswer, 0, 'verify'),
      holdfast.call(['log', '--json']),
    ])
    const lines = log.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown)
    for (const line of lines) expect(LogLine.parse(line)).toEqual(line)
    expect(lines.map(line => field(line, 'revision'))).toEqual(lines.map((_line, index) => index))
    expect(verified).toMatchObject({ ok: true, unrecognised: 0, head: lines.length - 1 })
  })

  it.concurrent('for several lanes, several claims, and a configuration that is changed', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['acquire', 'gpu-1', ...asA])
    const any = await answer(
      holdfast,
      AcquireAnswer,
      0,
      'acquire',
      'gpu-1',
      '--any-of',
      'gpu-2',
      '--any-of',
      'gpu-3',
      ...asB,
    )
    expect(field(any, 'lease', 'lane')).toBe('gpu-2')
    writeFileSync(holdfast.path('claims.json'), '[{"lane": "x", "region": ["x/**"]}, {"lane": "y", "mode": "shared"}]')
    const all = await answer(holdfast, AcquireAnswer, 0, 'acquire', 'w', '--all-of', 'claims.json', ...asA)
    expect(field(all, 'leases', 'length')).toBe(3)
    writeFileSync(holdfast.path('claims.json'), '[{"lane": "x"}, {"lane": "z"}]')
    await answer(holdfast, AcquireAnswer, 3, 'acquire', 'v', '--all-of', 'claims.json', ...asB)

    writeFileSync(holdfast.path('config.json'), '{"graceMs": 12000}')
    const changed = await answer(holdfast, ConfigAnswer, 0, 'config', 'set', 'config.json', '--reason', 'shorter')
    expect(field(changed, 'config')).toMatchObject({ graceMs: 12_000, ttlDefaultMs: 90_000 })
    await answer(holdfast, InitAnswer, 0, 'init')
    await answer(holdfast, FailureAnswer, 2, 'init', '--ttl', '5m')
    await answer(holdfast, FailureAnswer, 2, 'config', 'set', 'none.json')
  })

  it.concurrent('for a lease that is bound to a process, and fallbacks from the environment', async () => {
    const holdfast = new Holdfast()
    const bound = await answer(holdfast, AcquireAnswer, 0, 'acquire', 'api', ...asA, '--pid', String(process.pid))
    expect(field(bound, 'lease', 'process', 'pid')).toBe(process.pid)
    const env = {
      HOLDFAST_HOLDER: 'a',
      HOLDFAST_TOKEN: String(field(bound, 'lease', 'token')),
      HOLDFAST_RUN_ID: 'run-7',
    }
    expect((await holdfast.call(['heartbeat', 'api'], { env })).exitCode).toBe(0)
    expect((await holdfast.call(['acquire', 'web', '--json'], { env })).stdout).toContain('"runId":"run-7"')
    expect((await holdfast.call(['release', 'api'], { env })).exitCode).toBe(0)
  })

  it.concurrent('for flags before and after the command', async () => {
    const holdfast = new Holdfast()
    const before = await holdfast.call([
      '--json',
      '--create',
      '--store',
      'sqlite:x.db',
      '--reason',
      'r',
      'acquire',
      'api',
      ...asA,
    ])
    const after = await holdfast.call(['log', '--store', 'sqlite:x.db', '-n', '1', '--json'])
    expect(field(JSON.parse(before.stdout), 'outcome')).toBe('granted')
    expect(field(JSON.parse(after.stdout), 'data', 'reason')).toBe('r')
  })

  it.concurrent('for a run', async () => {
    const holdfast = new Holdfast()
    const { exitCode, stdout } = await holdfast.call([
      'run',
      'api',
      ...asA,
      '--report',
      'r.json',
      '--',
      'echo',
      '--json',
    ])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '--json\n' })
    const report: unknown = JSON.parse(readFileSync(holdfast.path('r.json'), 'utf8'))
    expect(RunAnswer.parse(report)).toEqual(report)
    expect(report).toMatchObject({ outcome: 'ended', exitCode: 0, exit: { code: 0, signal: null } })
  })

  it.concurrent('for the pure functions, which open no store', async () => {
    const holdfast = new Holdfast()
    const judged = async (verdict: string, schema: z.ZodType, document: unknown): Promise<unknown> => {
      const input = JSON.stringify(document)
      const { exitCode, stdout } = await holdfast.call(['judge', verdict, '--json'], { input })
      const judgement: unknown = JSON.parse(stdout)
      expect({ exitCode, judgement: schema.parse(judgement) }).toEqual({ exitCode: 0, judgement })
      return field(judgement, 'verdict')
    }
    const evidence = { runStartedMs: 0, nowMs: 10, commitsSinceStart: 0, workEventsSinceStart: 0, heartbeatAgeMs: 1 }
    const lease = { token: 1, bound: true, lastBeatAgeMs: 9, graceMs: 1, exit: null, ownedForMs: 9, expired: true }
    const rest = { orphanGraceOver: true, children: 0, reap: 'optional', attempt: 1, maxAttempts: 1, claim: null }
    const reapPolicy = { probeCount: 2, maxTickGapMs: 9, finalisationGraceMs: 1, ageCeilingMs: 99, effectAttempts: 1 }
    const verdicts = await Promise.all([
      judged('liveness', LivenessJudgement, {
        evidence: { ...evidence, processAlive: null },
        policy: { graceMs: 5, spinMs: 5 },
      }),
      judged('health', HealthJudgement, { heartbeatAgeMs: null, activity: 'seen', policy: { stallMs: 1, ttlMs: 2 } }),
      judged('presence', PresenceJudgement, { ageMs: 1, process: 'dead', torn: false, policy: { staleMs: 5 } }),
      judged('reap', ReapJudgement, {
        lease: { ...lease, ...rest },
        evidence: { nowMs: 0, process: 'unknown', children: [], gate: 'none', spinning: false },
        policy: reapPolicy,
      }),
      answer(holdfast, OverlapAnswer, 0, 'overlap', '--a', 'src/**', '--b', '**/*.ts'),
      answer(holdfast, OverlapAnswer, 0, 'overlap', '--a', 'src/**', '--b', 'docs/**'),
    ])
    expect(verdicts.slice(0, 4)).toEqual(['SPINNING', 'DEAD', 'ORPHAN', 'evict'])
    expect(verdicts.slice(4)).toMatchObject([{ overlap: true }, { overlap: false }])
  })
})
