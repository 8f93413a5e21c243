import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Revision } from '@holdfast/core'
import { checkpointData } from '@holdfast/core/internal'
import { identify, openLeanLedgerOn, type Ledger } from '@holdfast/engine/lean'
import { compactLedger } from '@holdfast/engine/maintenance'
import { hookMark, programOf } from '@holdfast/engine/agent-setup'
import { installedGuards } from '@holdfast/engine/write-guard'
import { loadLedger } from '@holdfast/projections'
import { openMemoryStore } from '@holdfast/store/memory'
import { afterAll, describe, expect, it } from 'vitest'
import type { OpenFold } from '../program/open-fold.ts'
import { rootCommand } from '../program/root-command.ts'
import { Shell } from '../program/shell.ts'
import type { Examination } from './examination.ts'
import { leases } from './leases.ts'
import { log } from './log.ts'
import { clocks } from './surroundings.ts'

const START_MS = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000
const shell = new Shell(rootCommand(), ['doctor'])
const folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A ledger under a time of its own, and what a group of checks finds in it. */
async function situation(startMs = START_MS) {
  let nowMs = startMs
  const store = openMemoryStore({ clock: () => nowMs })
  const ledger = await openLeanLedgerOn(store, { create: true })
  const examined = async (examine: Examination) => {
    const fold = await loadLedger(store, ledger.stream)
    const at = { ledgerId: ledger.ledgerId, head: fold.state.head }
    const around = {
      store,
      stream: ledger.stream,
      fold,
      nowMs: await store.now(ledger.stream),
      ownClock: undefined,
      at,
    }
    const opened: OpenFold = { ...around, [Symbol.asyncDispose]: async () => {} }
    return examine({ ledger: opened, shell })
  }
  const found = async (examine: Examination) =>
    (await examined(examine)).flatMap(({ name, found: one = [] }) => one.map(each => ({ check: name, ...each })))
  return { ledger, examined, found, pass: (spanMs: number) => void (nowMs += spanMs) }
}

async function hold(ledger: Ledger, request: Partial<Parameters<Ledger['acquire']>[0]> = {}): Promise<void> {
  expect(await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1m', ...request })).toMatchObject({
    outcome: 'granted',
  })
}

it('states that were left unsealed beside their CHECKPOINTs are counted', async () => {
  const { ledger, examined } = await situation()
  const unsealed = async () => (await examined(log)).find(({ name }) => name === 'unsealed-states')
  expect(await unsealed()).toMatchObject({ ok: true })
  const state = { carrier: 'beside', stream: '~state-left' } as const
  const data = checkpointData(ledger.state, { state, reason: '' })
  const event = { eventId: randomUUID(), type: 'CHECKPOINT', schemaVersion: 1, actor: null, data }
  await ledger.store.append(ledger.stream, 0 as Revision, [event])
  expect(await unsealed()).toMatchObject({ ok: false, count: 1, severity: 'finding' })
  await compactLedger(ledger)
  expect(await unsealed()).toMatchObject({ ok: true })
})

describe('what is in the way, and since when', () => {
  it('is nothing while holders are well', async () => {
    const { ledger, found } = await situation()
    await hold(ledger)
    await ledger.halt({ handle: 'op', leaseId: 'api@1' })
    expect(await found(leases)).toEqual([])
  })

  it('a lease that was ended by force drains: since that, until its time, and whose it was', async () => {
    const { ledger, found, pass } = await situation()
    await hold(ledger)
    pass(1000)
    await ledger.scavenge({ lane: 'api', token: 1, force: true })
    pass(1000)
    expect(await found(leases)).toMatchObject([
      {
        check: 'draining',
        subject: 'api@1',
        since: '2026-01-01T00:00:01.000Z',
        until: '2026-01-01T00:01:30.000Z',
        next: [{ action: 'wait', command: 'holdfast wait api' }, { action: 'release' }],
      },
    ])
  })

  it('a lease that was taken over by force drains as well', async () => {
    const { ledger, found } = await situation()
    await hold(ledger)
    await ledger.adopt({ lane: 'api', newHolder: 'ben', expectToken: 1, force: true })
    expect(await found(leases)).toMatchObject([{ check: 'draining', since: '2026-01-01T00:00:00.000Z' }])
  })

  it('a restored ledger drains as a whole, and says how to skip that', async () => {
    const { ledger, found } = await situation()
    await ledger.checkpoint({ offset: 2 ** 32, restored: { force: false } })
    const [drain] = await found(leases)
    expect(drain).toMatchObject({
      check: 'draining',
      since: '2026-01-01T00:00:00.000Z',
      subject: 'the whole ledger',
      next: [{ action: 'wait', command: 'holdfast wait any' }, { action: 'restore' }],
    })
    expect(drain?.next[1]?.text).toContain('restore FILE --force')
  })

  it('an expired lease whose child runs, and a lease that waits for its reaper', async () => {
    const { ledger, found, pass } = await situation()
    const self = identify(process.pid)
    if (self === null) throw new Error('this process runs')
    await hold(ledger, { children: [self] })
    await hold(ledger, { lane: 'job', reap: 'required' })
    pass(10 * MINUTE_MS)
    expect(await found(leases)).toMatchObject([
      {
        check: 'orphans',
        subject: 'api@1',
        since: '2026-01-01T00:01:30.000Z',
        next: [{ action: 'kill', command: `kill ${process.pid}` }, { action: 'adopt' }, { action: 'halt' }],
      },
      { check: 'unreaped', subject: 'job@2', since: '2026-01-01T00:01:30.000Z', next: [{ action: 'reap' }, {}] },
    ])
  })

  it('a stop intent that nobody obeys', async () => {
    const { ledger, found, pass } = await situation()
    await hold(ledger, { ttl: '10m' })
    await ledger.halt({ handle: 'op', leaseId: 'api@1' })
    pass(2 * MINUTE_MS)
    expect(await found(leases)).toMatchObject([
      { check: 'halts', subject: 'api@1', since: '2026-01-01T00:00:00.000Z', next: [{}, { action: 'scavenge' }] },
    ])
  })

  it('those who wait, and holders that wait for each other', async () => {
    const { ledger, found } = await situation()
    await hold(ledger, { lane: 'a' })
    await hold(ledger, { lane: 'b', holder: 'ben' })
    await ledger.acquire({ lane: 'b', holder: 'ann', requestId: 'q' }, { wait: 0 })
    expect(await found(leases)).toEqual([])
    const ending = new AbortController()
    const waits = [
      ledger.acquire({ lane: 'b', holder: 'ann' }, { wait: '1m', signal: ending.signal }),
      ledger.acquire({ lane: 'a', holder: 'ben' }, { wait: '1m', signal: ending.signal }),
    ]
    await expect.poll(async () => (await found(leases)).map(({ check }) => check)).toContain('waiting cycles')
    const all = await found(leases)
    expect(all.map(({ check }) => check)).toEqual(['waiting', 'waiting', 'waiting cycles'])
    expect(all[0]).toMatchObject({ since: '2026-01-01T00:00:00.000Z', next: [{ command: 'holdfast why b' }] })
    ending.abort()
    await Promise.all(waits)
  })

  it('a log clock that stands until this host has caught up', async () => {
    const ahead = await situation(Date.now() + 10 * MINUTE_MS)
    await hold(ahead.ledger)
    ahead.pass(-5 * MINUTE_MS)
    expect(await ahead.found(clocks)).toMatchObject([{ check: 'clock waits' }])
    const right = await situation(Date.now())
    expect(await right.found(clocks)).toEqual([])
  })
})

describe('a hook that does not run', () => {
  const root = join(folder, 'repository')
  const hook = join(root, '.git', 'hooks', 'pre-commit')
  const block = (command: string) =>
    `#!/bin/sh\n# >>> holdfast guard >>>\n# About it.\n${command} || exit 1\n# <<< holdfast guard <<<\n`

  it('is named with what is wrong: a program that is gone, a hook that git ignores, one that it does not look at', async () => {
    execFileSync('git', ['init', '--quiet', root])
    mkdirSync(join(root, '.git', 'hooks'), { recursive: true })
    const fault = async (command: string, mode = 0o755) => {
      writeFileSync(hook, block(command))
      chmodSync(hook, mode)
      const faults = (await installedGuards(root)).map(guard => guard.fault)
      return faults.filter(found => found === null || !/^it is not there, and \w+ in/.test(found))
    }
    const check = 'guard check --hook git'
    expect(await fault(`${process.execPath} '${import.meta.filename}' ${check}`)).toEqual([null])
    expect(await fault(`/nowhere/node /nowhere/holdfast ${check}`)).toEqual(['its program /nowhere/node is not there'])
    expect(await fault(`${process.execPath} '/no where/h' ${check}`)).toEqual(['its program /no where/h is not there'])
    expect(await fault(`sh ${check} --store sqlite:/nowhere/l.db`)).toEqual(['its store /nowhere/l.db is not there'])
    expect(await fault(`sh ${check}`, 0o644)).toEqual(['git ignores it, for it is not executable'])
    execFileSync('git', ['-C', root, 'config', 'core.hooksPath', 'elsewhere'])
    expect(await fault(`sh ${check}`)).toEqual([`git looks for hooks in ${join(root, 'elsewhere')}`])
  })

  it('is missed where an older version has entered only the one before commits', async () => {
    const older = join(folder, 'older')
    execFileSync('git', ['init', '--quiet', older])
    mkdirSync(join(older, '.git', 'hooks'), { recursive: true })
    const entered = join(older, '.git', 'hooks', 'pre-commit')
    writeFileSync(entered, block(`${process.execPath} '${import.meta.filename}' guard check --hook git`), {
      mode: 0o755,
    })
    expect((await installedGuards(older)).map(({ fault }) => fault)).toEqual([
      null,
      ...['merges', 'patches', 'rebases', 'pushes'].map(
        what => `it is not there, and ${what} in ${older} are not checked`,
      ),
    ])
  })

  it('stands in the settings of an agent', async () => {
    mkdirSync(join(folder, '.claude'))
    const command = "/nowhere/node '/nowhere/h.js' guard check --hook claude-code || exit 2"
    const PreToolUse = [{ matcher: 'Edit', hooks: [{ type: 'command', command }] }]
    writeFileSync(join(folder, '.claude', 'settings.json'), JSON.stringify({ hooks: { PreToolUse } }))
    expect(await installedGuards(folder)).toMatchObject([
      { hook: 'claude-code', fault: 'its program /nowhere/node is not there' },
    ])
  })
  it.each([
    ['claude-code', '.claude/settings.json', 'PreToolUse'],
    ['codex', '.codex/hooks.json', 'PreToolUse'],
    ['cursor', '.cursor/hooks.json', 'preToolUse'],
    ['gemini-cli', '.gemini/settings.json', 'BeforeTool'],
  ] as const)(
    'in the settings of %s, as setup names a program of the project: found where it is, missed where it is not',
    async (agent, file, event) => {
      const project = mkdtempSync(join(folder, "it's a project-"))
      mkdirSync(join(project, file, '..'))
      const command = `${programOf({ by: 'project' }, agent)}${hookMark(agent)} || exit 2`
      writeFileSync(join(project, file), JSON.stringify({ hooks: { [event]: [{ hooks: [{ command }] }] } }))
      const program = join(project, 'node_modules', '.bin', 'holdfast')
      const faults = async () => (await installedGuards(project)).map(({ fault }) => fault)
      expect(await faults()).toEqual([`its program ${program} is not there`])
      mkdirSync(join(program, '..'), { recursive: true })
      writeFileSync(program, '', { mode: 0o755 })
      expect(await faults()).toEqual([null])
      // With the Node of the project in front of it.
      const byNode = `${programOf({ by: 'project', ownNode: true }, agent)}${hookMark(agent)} || exit 2`
      writeFileSync(join(project, file), JSON.stringify({ hooks: { [event]: [{ hooks: [{ command: byNode }] }] } }))
      const node = join(project, 'node_modules', '.bin', 'node')
      expect(await faults()).toEqual([`its program ${node} is not there`])
      writeFileSync(node, '', { mode: 0o755 })
      expect(await faults()).toEqual([null])
    },
  )
})
