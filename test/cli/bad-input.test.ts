import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FailureAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'
import { COMMAND } from '../setup/command.ts'

const holdfast = new Holdfast()

const ACQUIRE = ['acquire', 'api', '--holder', 'a'] as const

const WITHOUT_STORE = { ...process.env, HOLDFAST_STORE: undefined }

/** What is typed, and the field that the one sentence about it names. */
const CASES: readonly (readonly [what: string, args: readonly string[], field: string])[] = [
  ['an empty lane', ['acquire', '', '--holder', 'a'], 'lane'],
  ['a holder that nobody names', ['acquire', 'api'], 'holder'],
  ['a bad glob', [...ACQUIRE, '--region', 'src/{a'], 'region'],
  ['a negative duration', [...ACQUIRE, '--ttl', '-5s'], 'ttl'],
  ['an unreadable duration', [...ACQUIRE, '--wait', 'soon'], 'wait'],
  ['a duration of nothing', [...ACQUIRE, '--ttl', '0s'], 'ttl'],
  ['a token that is no number', ['check', 'api', '--token', 'x'], 'token'],
  ['a negative token', ['check', 'api', '--token', '-1'], 'token'],
  [
    'a number of attempts that is none',
    [...ACQUIRE, '--max-attempts', 'x'],
    'max-attempts: "x" is no whole number; say how',
  ],
  ['a token that nobody names', ['release', 'api', '--holder', 'a'], 'token'],
  ['an unknown flag', [...ACQUIRE, '--frobnicate'], '--frobnicate'],
  ['a missing argument', ['acquire', '--holder', 'a'], 'lane'],
  ['an argument too many', ['leases', 'api'], 'leases'],
  ['an unknown command', ['aquire', 'api'], 'aquire'],
  ['a flag without its value', ['acquire', 'api', '--holder'], '--holder'],
  ['an unknown store scheme', ['--store', 'postgres://x', 'leases'], 'postgres'],
  ['a store that is named and empty', ['--store', '', 'leases'], 'store'],
  ['a store without a scheme', ['--store', 'ledger.db', 'leases'], 'write "sqlite:ledger.db"'],
  [
    'a setting in two words',
    ['config', 'set', 'workTrees', 'apart'],
    `echo '{"workTrees": "apart"}' | holdfast config`,
  ],
  ['a bad ledger name', ['--ledger', '$all', ...ACQUIRE], 'ledger'],
  ['pid 0', [...ACQUIRE, '--pid', '0'], 'pid'],
  ['a negative pid', [...ACQUIRE, '--pid', '-7'], 'pid'],
  ['a pid that no process has', [...ACQUIRE, '--pid', '4194304'], 'pid'],
  ['a list of claims that is none', [...ACQUIRE, '--all-of', '-'], 'all-of'],
  ['a mode that there is not', [...ACQUIRE, '--mode', 'greedy'], 'mode'],
  ['an event type that there is not', ['log', '--type', 'GRANT'], 'type'],
  ['a time that is none', ['log', '--since', 'yesterday'], 'since'],
  ['an activity without its span', ['heartbeat', 'api', '--holder', 'a', '--token', '1', '--activity', 'x'], 'expect'],
  ['a grace that exceeds the TTL', ['init', '--ttl', '60s', '--grace', '2m'], 'graceMs'],
  ['a verdict that there is not', ['judge', 'mood'], 'verdict'],
  ['a region that is missing', ['overlap', '--a', 'src/**'], 'b'],
  ['help about a command that there is not', ['help', 'foo'], 'The commands are init, config, acquire'],
  ['a negative revision', ['why', '-1'], 'what: "-1" is no revision'],
  ['a configuration that is not there', ['leases', '--config', 'nowhere.json'], 'config: "nowhere.json" is not there'],
  ['a timeout that is no span', ['leases', '--timeout', 'soon'], 'timeout'],
  ['a timeout of nothing', ['--timeout', '0s', ...ACQUIRE], 'timeout'],
  ['a command group alone', ['config'], 'Name one of its commands'],
]

describe('what cannot be understood ends with 2 and one sentence that names the field', () => {
  it.concurrent.each(CASES)('%s', async (_what, args, field) => {
    const { exitCode, stdout, stderr } = await holdfast.call(args, { input: '{"lane": "x"}' })
    expect(stdout).toBe('')
    expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1)
    expect(stderr).toContain(field)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(exitCode).toBe(2)
  })

  it.each([
    ['acquire', ['acquire', 'api', '--holder', 'a', '--region', '../b']],
    ['run', ['run', 'api', '--holder', 'a', '--ttl', '0s', '--', 'true']],
    ['acquire for an unreadable span', ['acquire', 'api', '--holder', 'a', '--wait', 'soon']],
    ['halt', ['halt', 'stop', '--lane', 'a\nb']],
    ['halt of a lease without a name', ['halt', 'stop', '--lease', '']],
    ['spawn', ['spawn', 'api', '--holder', 'a', '--ttl', '0s']],
    ['run for an unreadable span', ['run', 'api', '--holder', 'a', '--wait', 'soon', '--', 'true']],
  ])('%s that cannot be understood makes no store', (_what, args) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-no-store-'))
    try {
      const { status } = spawnSync(process.execPath, [COMMAND, ...args], { cwd: folder, env: WITHOUT_STORE })
      expect(status).toBe(2)
      expect(readdirSync(folder)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('a local configuration tells all of its faults at once, broken relations beside unreadable fields', async () => {
    const liveness = { graceMs: 2_000, progressWindowMs: 1_000, spinMs: 'soon', unknown: 1 }
    const file = holdfast.path('faults.json')
    writeFileSync(file, JSON.stringify({ liveness, guard: { unclaimed: 'no' }, compaction: { eventsMax: 3 } }))
    const { exitCode, stderr } = await holdfast.call(['liveness', '--config', file])
    expect(exitCode).toBe(2)
    for (const fault of [
      'liveness.graceMs: graceMs must not exceed progressWindowMs',
      'liveness.spinMs: ',
      'liveness: has the unknown field "unknown"',
      'guard.unclaimed: ',
      'compaction.eventsMax: ',
    ])
      expect(stderr).toContain(fault)
  })

  it('a variable that is set to nothing is not set', async () => {
    const env = {
      HOLDFAST_HOLDER: '',
      HOLDFAST_TOKEN: '',
      HOLDFAST_RUN_ID: '',
      HOLDFAST_LEDGER: '',
      HOLDFAST_STORE: '',
    }
    const { exitCode, stderr } = await holdfast.call(['release', 'api'], { env })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'holder is missing; give it with --holder NAME or HOLDFAST_HOLDER.\n',
    })
    const { stdout } = await holdfast.call(['acquire', 'unset', '--holder', 'a', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'granted', lease: { runId: null } })
  })

  it('with --json it is an object on standard error', async () => {
    const { exitCode, stdout, stderr } = await holdfast.call(['check', 'api', '--token', 'x', '--json'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    const told = FailureAnswer.parse(JSON.parse(stderr))
    expect(told.error.code).toBe('usage')
    expect(told.error.message).toContain('token')
  })

  it('HOLDFAST_DEBUG=1 shows where it came from', async () => {
    const { stderr } = await holdfast.call(['check', 'api', '--token', 'x'], { env: { HOLDFAST_DEBUG: '1' } })
    expect(stderr).toMatch(/\n\s+at /)
  })
})
