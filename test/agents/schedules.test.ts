import { rmSync } from 'node:fs'
import { isHolders } from '@holdfast/core/internal'
import { SessionFiles, sessionName, type SessionKey } from '@holdfast/engine/sessions'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fleet, MINUTE_MS } from './fleet.ts'

// The schedules of docs/adr/0034, in its order.

const A = 'aaaa1111-0000-4000-8000-000000000001'
const B = 'bbbb2222-0000-4000-8000-000000000002'

const editOf = (fleet: Fleet, session: string, path: string) => ({
  session_id: session,
  hook_event_name: 'PreToolUse',
  cwd: fleet.folder,
  tool_name: 'Edit',
  tool_input: { file_path: path },
})

it('of two sessions that edit one free file at the same instant exactly one is allowed', async () => {
  for (let round = 0; round < 10; round += 1) {
    await using fleet = new Fleet()
    await fleet.call(A, 'SessionStart')
    await fleet.call(B, 'SessionStart')
    // Both have read the log before either writes.
    await using one = await fleet.ledger()
    await using two = await fleet.ledger()
    const both = await Promise.all([
      fleet.callOn(one, editOf(fleet, A, 'x.ts')),
      fleet.callOn(two, editOf(fleet, B, 'x.ts')),
    ])
    expect(both.filter(({ permitted }) => permitted === true)).toHaveLength(1)
    expect(await fleet.held()).toHaveLength(1)
  }
})

it('a claim whose answer was lost, as of a call that was killed after its grant, is found by the next call', async () => {
  await using fleet = new Fleet()
  const { name } = await fleet.call(A, 'SessionStart')
  // The grant stands in the log, and nobody has heard of it.
  await fleet.with(ledger =>
    ledger.acquire({ lane: 'edit:x.ts', holder: name, region: ['x.ts'], kind: 'edit', ttl: '15m' }),
  )
  expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: false })
  expect(await fleet.edit(A, 'x.ts')).toMatchObject({ permitted: true, claimed: [] })
  expect(await fleet.with(async ({ state }) => Promise.resolve(state.counts.ACQUIRE))).toBe(1)
})

it('a session id that is used again goes by the same name, and holds nothing of what it gave up', async () => {
  await using fleet = new Fleet()
  await fleet.edit(A, 'x.ts')
  await fleet.call(A, 'SessionEnd')
  await fleet.edit(B, 'x.ts')
  expect(await fleet.edit(A, 'x.ts')).toMatchObject({ name: 'claude-code/aaaa', permitted: false })
})

it('one id from two hosts is two sessions, with two names', async () => {
  await using fleet = new Fleet()
  const { files } = fleet
  const naming = { files, begin: 'codex', isInUse: () => false }
  const on = (host: string): SessionKey => ({ agent: 'codex', session: 'abcd', subagent: null, host })
  const names = [on('one'), on('two'), on('one')].map(key => sessionName(key, naming))
  expect(names[0]).toBe('codex/abcd')
  expect(names[1]).not.toBe(names[0])
  expect(names[2]).toBe(names[0])
  const without = [on('one'), on('two')].map(key => sessionName(key, { ...naming, files: null }))
  expect(new Set(without).size).toBe(2)
})

it('no two sessions get one name, whatever their ids, and though what is remembered goes in between', async () => {
  await using fleet = new Fleet()
  const id = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'é'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(id, { maxLength: 12 }), fc.boolean(), (ids, remembers) => {
      const agent = `agent${Math.random()}`
      const given = new Map<string, string>()
      for (const session of ids) {
        const key = { agent, session, subagent: null, host: 'h' }
        const naming = { files: remembers ? fleet.files : null, begin: agent, isInUse: () => false }
        const name = sessionName(key, naming)
        expect(given.get(name) ?? session).toBe(session)
        given.set(name, session)
      }
    }),
    { numRuns: 60 },
  )
})

it('a name that is forgotten is not given to somebody else while it holds something', async () => {
  await using fleet = new Fleet()
  await fleet.edit(A, 'x.ts')
  const database = `${fleet.folder}/store/ledger.db`
  rmSync(`${database}.sessions`, { recursive: true })
  expect(SessionFiles.beside(`sqlite:${database}`)).not.toBeNull()
  expect(await fleet.edit(`aaaa${B}`, 'x.ts')).toMatchObject({ name: 'claude-code/aaaab', permitted: false })
})

it('a ledger that stands in the place of the one that a session began in is refused, until the session begins anew', async () => {
  await using fleet = new Fleet()
  await using other = new Fleet()
  await fleet.edit(A, 'x.ts')
  const document = (session: string, more: object = {}) => ({
    session_id: session,
    hook_event_name: 'PreToolUse',
    cwd: fleet.folder,
    tool_name: 'Edit',
    tool_input: { file_path: 'x.ts' },
    ...more,
  })
  await other.with(async ledger => {
    const place = /rm (?<place>\S+session-[0-9a-f]+)`/
    const refused = await fleet.callOn(ledger, document(A)).catch((error: unknown) => error)
    expect(String(refused)).toMatch(place)
    expect(refused).toMatchObject({ name: 'StoreError', code: 'unavailable', detail: 'replaced' })
    // A sub-agent works in the leases of its session, which are not there.
    await expect(fleet.callOn(ledger, document(A, { agent_id: 'cc' }))).rejects.toThrow('began in the ledger')
    expect(ledger.state.leases.size).toBe(0)
    // One that begins now knows no other one.
    expect(await fleet.callOn(ledger, document(B))).toMatchObject({ permitted: true })
    const file = place.exec(refused instanceof Error ? refused.message : '')?.groups?.['place'] ?? ''
    rmSync(file)
    expect(await fleet.callOn(ledger, document(A))).toMatchObject({ permitted: false, bases: ['held-by-other'] })
  })
  // The first ledger is another one for it now.
  await expect(fleet.edit(A, 'x.ts')).rejects.toThrow('began in the ledger')
})

it('a session that ends while its sub-agent works takes none of its leases along, and lends it none any more', async () => {
  await using fleet = new Fleet()
  const child = { agent_id: 'cc' }
  await fleet.edit(A, 'mine.ts')
  await fleet.edit(A, 'new.ts', child)
  await fleet.call(A, 'SessionEnd')
  expect(await fleet.held()).toEqual(['edit:new.ts claude-code/aaaa/cc'])
  await fleet.edit(B, 'mine.ts')
  expect(await fleet.edit(A, 'mine.ts', child)).toMatchObject({ permitted: false })
  expect(await fleet.edit(A, 'new.ts', child)).toMatchObject({ permitted: true })
})

it('beats after a loss bring nothing back', async () => {
  await using fleet = new Fleet()
  await fleet.edit(A, 'x.ts')
  fleet.time.advance(16 * MINUTE_MS)
  expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: true })
  await fleet.call(A, 'PostToolUse', { tool_name: 'Read' })
  expect(await fleet.held()).toEqual(['edit:x.ts claude-code/bbbb'])
  expect(await fleet.edit(A, 'x.ts')).toMatchObject({ permitted: false })
})

it('a clock that steps back makes no lease end sooner, and none later than the log says', async () => {
  await using fleet = new Fleet()
  await fleet.edit(A, 'x.ts')
  fleet.time.wallStepMs = -60 * MINUTE_MS
  expect(await fleet.edit(A, 'x.ts')).toMatchObject({ permitted: true })
  expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: false })
})

it('a folder that somebody takes a file of, while it is claimed for many, leaves its session what it had', async () => {
  await using fleet = new Fleet({ policy: { folderFiles: 2 } })
  for (const file of ['a', 'b']) await fleet.edit(A, `src/${file}.ts`)
  await using late = await fleet.ledger()
  await fleet.edit(B, 'src/z.ts')
  expect(await fleet.callOn(late, editOf(fleet, A, 'src/c.ts'))).toMatchObject({ permitted: true })
  expect((await fleet.held()).toSorted()).toEqual([
    'edit:src/a.ts claude-code/aaaa',
    'edit:src/b.ts claude-code/aaaa',
    'edit:src/c.ts claude-code/aaaa',
    'edit:src/z.ts claude-code/bbbb',
  ])
})

it('whatever sessions do, an edit is allowed to nobody but the holder of a lease on it', async () => {
  const step = fc.record({
    who: fc.constantFrom(A, B, 'cccc'),
    child: fc.constantFrom(undefined, undefined, 'k1', 'k2'),
    does: fc.constantFrom('edit', 'edit', 'edit', 'end', 'wait', 'read', 'subagent-end'),
    path: fc.constantFrom('s/a', 's/b', 's/c', 't/a', 's'),
    passMs: fc.constantFrom(0, 0, 1000, 6 * MINUTE_MS, 16 * MINUTE_MS),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async steps => {
      await using fleet = new Fleet({ policy: { folderFiles: 2, claimsMax: 4 } })
      for (const { who, child, does, path, passMs } of steps) {
        fleet.time.advance(passMs)
        const more = child === undefined ? {} : { agent_id: child }
        if (does === 'end') await fleet.call(who, 'SessionEnd')
        else if (does === 'subagent-end') await fleet.call(who, 'SubagentStop', { agent_id: child ?? 'k1' })
        else if (does === 'wait') await fleet.call(who, 'PermissionRequest', more)
        else if (does === 'read') await fleet.call(who, 'PostToolUse', { tool_name: 'Read', ...more })
        else {
          const { permitted, name } = await fleet.edit(who, path, more)
          const nowMs = fleet.time.wall()
          const leases = await fleet.with(ledger => ledger.leases())
          const over = leases.filter(({ region }) => region.some(glob => path === glob || path.startsWith(`${glob}/`)))
          const mine = over.filter(({ holder }) => holder === name || name.startsWith(`${holder}/`))
          if (permitted === true) {
            expect(mine.some(lease => isHolders(lease, nowMs))).toBe(true)
            expect(over.length).toBe(mine.length)
          }
        }
      }
    }),
    { numRuns: 25 },
  )
})
