import { queryLiveness } from '@holdfast/projections'
import { describe, expect, it } from 'vitest'
import { until } from '../setup/virtual-time.ts'
import { Fleet, MINUTE_MS } from './fleet.ts'

const A = '7f3a1111-0000-4000-8000-000000000001'
const B = '7f3a2222-0000-4000-8000-000000000002'
const START = /^holdfast: (you are|at work|nobody else)/

const news = (told: readonly string[]) => told.filter(line => !START.test(line))

describe('a session', () => {
  it('has a name that is short, unlike every other one, and stays', async () => {
    await using fleet = new Fleet()
    const names = []
    for (const id of [A, B, A, B]) names.push((await fleet.call(id, 'UserPromptSubmit')).name)
    expect(names).toEqual(['claude-code/7f3a', 'claude-code/7f3a2', 'claude-code/7f3a', 'claude-code/7f3a2'])
  })

  it('goes by the name that its user has set', async () => {
    await using fleet = new Fleet()
    expect(await fleet.call(A, 'UserPromptSubmit', {}, 'agent-7')).toMatchObject({ name: 'agent-7' })
  })

  it('is told in two lines who it is and who works where, by the first document that can tell it', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'src/x.ts')
    await fleet.call(B, 'Stop')
    const { told } = await fleet.call(B, 'UserPromptSubmit')
    expect(told).toEqual([
      expect.stringContaining('you are claude-code/7f3a2'),
      'holdfast: at work: claude-code/7f3a in src/x.ts.',
    ])
    expect((await fleet.call(B, 'UserPromptSubmit')).told).toEqual([])
  })

  it('announces itself once', async () => {
    await using fleet = new Fleet()
    for (const event of ['SessionStart', 'UserPromptSubmit', 'Stop']) await fleet.call(A, event)
    expect(await fleet.with(async ({ state }) => Promise.resolve(state.counts.SPAWN))).toBe(1)
  })

  it('with an id that no name can be made of has a name all the same', async () => {
    await using fleet = new Fleet()
    for (const id of ['\u0007\u202e', '../../etc', ' ', 'é', 'x'.repeat(1000)]) {
      expect((await fleet.edit(id, 'a.ts')).name).toMatch(/^claude-code\/[a-z0-9-]+$/)
    }
  })
})

describe('the first edit of a free file', () => {
  it('leases exactly that file, and allows it on the grant alone', async () => {
    await using fleet = new Fleet()
    expect(await fleet.edit(A, 'src/[id]/x.ts')).toMatchObject({ permitted: true, bases: ['own-lease'] })
    const leases = await fleet.with(ledger => ledger.leases())
    expect(leases).toMatchObject([{ lane: 'edit:src/[id]/x.ts', kind: 'edit', ttlMs: 15 * MINUTE_MS, process: null }])
    expect(await fleet.edit(B, 'src/[id]/x.ts')).toMatchObject({ permitted: false, bases: ['held-by-other'] })
    expect(await fleet.edit(B, 'src/i/x.ts')).toMatchObject({ permitted: true })
  })

  it('of several leases all of them, or none', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'b.ts')
    const edits = { tool_name: 'MultiEdit', tool_input: { edits: [{ file_path: 'a.ts' }, { file_path: 'b.ts' }] } }
    expect(await fleet.call(B, 'PreToolUse', edits)).toMatchObject({ permitted: false, claimed: [] })
    expect(await fleet.held()).toEqual(['edit:b.ts claude-code/7f3a'])
  })

  it('past some files of a folder leases the folder in their place, if it is free', async () => {
    await using fleet = new Fleet({ policy: { folderFiles: 2 } })
    for (const file of ['a', 'b', 'c']) expect(await fleet.edit(A, `src/${file}.ts`)).toMatchObject({ permitted: true })
    expect(await fleet.held()).toEqual(['edit:src claude-code/7f3a'])
    expect(await fleet.edit(A, 'src/a.ts')).toMatchObject({ permitted: true, claimed: [] })
    expect(news((await fleet.call(A, 'UserPromptSubmit')).told)).toEqual([])
  })

  it('leases the file alone where somebody else works in the folder', async () => {
    await using fleet = new Fleet({ policy: { folderFiles: 1 } })
    await fleet.edit(B, 'src/other/y.ts')
    for (const file of ['a', 'b', 'c']) await fleet.edit(A, `src/${file}.ts`)
    expect(await fleet.held()).toHaveLength(4)
  })

  it('past a total is refused, with what to type', async () => {
    await using fleet = new Fleet({ policy: { claimsMax: 2 } })
    for (const file of ['a/a', 'b/b']) await fleet.edit(A, file)
    const { permitted, why } = await fleet.edit(A, 'c/c')
    expect(permitted).toBe(false)
    expect(why?.join('\n')).toContain('holdfast claim c --holder claude-code/7f3a')
    expect(await fleet.held()).toHaveLength(2)
  })

  it('of a name that no region can tell is refused', async () => {
    await using fleet = new Fleet()
    expect((await fleet.edit(A, String.raw`a\b.ts`)).why?.[0]).toContain('no lease can name it')
  })
})

describe('a refused edit', () => {
  it('stands in the log once, as a write, and `why` of the lane knows of it', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    for (let turn = 0; turn < 3; turn += 1) await fleet.edit(B, 'x.ts')
    await fleet.with(async ({ store, stream }) => {
      const refused = []
      for await (const entries of store.read(stream)) refused.push(...entries.filter(({ type }) => type === 'REFUSE'))
      expect(refused).toMatchObject([
        {
          data: {
            request: { op: 'write', holder: 'claude-code/7f3a2', claims: [{ lane: 'edit:x.ts', region: ['x.ts'] }] },
            code: 'region-held',
            blockers: [{ holder: 'claude-code/7f3a', witness: 'x.ts' }],
          },
        },
      ])
    })
  })
})

describe('a call of a tool', () => {
  it('beats all leases of the session in one append, and not more often than it must', async () => {
    await using fleet = new Fleet()
    for (const file of ['a/a', 'b/b', 'c/c']) await fleet.edit(A, file)
    const heads = []
    for (const passMs of [0, 30_000, 5 * MINUTE_MS, 1000]) {
      fleet.time.advance(passMs)
      await fleet.call(A, 'PostToolUse', { tool_name: 'Read', tool_input: {} })
      heads.push(await fleet.with(async ({ head }) => Promise.resolve(Number(head))))
    }
    const [first = 0] = heads
    expect(heads).toEqual([first, first, first + 3, first + 3])
    const beats = await fleet.with(ledger => ledger.leases())
    expect(new Set(beats.map(({ lastBeatAtMs }) => lastBeatAtMs)).size).toBe(1)
  })

  it('that announces a long run makes its leases last as long', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    const run = { tool_name: 'Bash', tool_input: { command: 'npm test', timeout: 40 * MINUTE_MS } }
    await fleet.call(A, 'PreToolUse', run)
    fleet.time.advance(39 * MINUTE_MS)
    expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: false })
    expect(await fleet.with(ledger => ledger.leases())).toMatchObject([{ activity: { label: 'Bash: npm test' } }])
    await fleet.call(A, 'PostToolUse', run)
    expect(await fleet.with(ledger => ledger.leases())).toMatchObject([{ activity: null }])
  })

  it('brings a lease back whose time is over, as long as nobody has ended it', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    fleet.time.advance(40 * MINUTE_MS)
    expect(await fleet.edit(A, 'x.ts')).toMatchObject({ permitted: true, claimed: [] })
  })

  it('beats no lease that is bound to a process', async () => {
    await using fleet = new Fleet()
    const bound = { host: 'h', bootId: 'b', pidNamespace: 'n', pid: 9, processStart: '1' }
    await fleet.with(ledger => ledger.acquire({ lane: 'run', holder: 'agent-7', ttl: '15m', process: bound }))
    fleet.time.advance(10 * MINUTE_MS)
    await fleet.call(A, 'PostToolUse', { tool_name: 'Read' }, 'agent-7')
    expect(await fleet.with(async ({ state }) => Promise.resolve(state.counts.HEARTBEAT))).toBe(0)
  })
})

describe('the end of a session', () => {
  it('gives up all that it holds', async () => {
    await using fleet = new Fleet()
    for (const file of ['a/a', 'b/b']) await fleet.edit(A, file)
    await fleet.call(A, 'SessionEnd')
    expect(await fleet.held()).toEqual([])
    expect(await fleet.edit(B, 'a/a')).toMatchObject({ permitted: true })
  })

  it('without a word comes by expiry', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    fleet.time.advance(14 * MINUTE_MS)
    expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: false })
    fleet.time.advance(2 * MINUTE_MS)
    expect(await fleet.edit(B, 'x.ts')).toMatchObject({ permitted: true, bases: ['own-lease'] })
    expect(await fleet.edit(A, 'x.ts')).toMatchObject({ permitted: false })
  })
})

describe('a sub-agent that the document tells apart', () => {
  const child = { agent_id: 'ab12cd' }

  it('works in the leases of its session, and in nobody else’s', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'mine.ts')
    await fleet.edit(B, 'theirs.ts')
    expect(await fleet.edit(A, 'mine.ts', child)).toMatchObject({
      name: 'claude-code/7f3a/ab12',
      permitted: true,
      claimed: [],
    })
    expect(await fleet.edit(A, 'theirs.ts', child)).toMatchObject({ permitted: false })
    expect(await fleet.edit(A, 'new.ts', child)).toMatchObject({ permitted: true })
    expect(await fleet.edit(A, 'new.ts', { agent_id: 'ffff' })).toMatchObject({ permitted: false })
  })

  it('gives up its own leases when it ends, and those alone', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'mine.ts')
    await fleet.edit(A, 'new.ts', child)
    await fleet.call(A, 'SubagentStop', child)
    expect(await fleet.held()).toEqual(['edit:mine.ts claude-code/7f3a'])
  })
})

describe('news', () => {
  it('of a lease that was lost come once, at the next call that can tell them', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    await fleet.call(A, 'UserPromptSubmit')
    await fleet.with(async ledger => {
      const [lease] = await ledger.leases()
      await ledger.adopt({ lane: 'edit:x.ts', newHolder: 'boss', expectToken: lease?.token ?? -1, force: true })
    })
    expect(await fleet.call(A, 'Stop')).toMatchObject({ told: [] })
    const { told } = await fleet.call(A, 'UserPromptSubmit')
    expect(told).toEqual([expect.stringContaining('your lease on x.ts has ended; boss holds it now')])
    expect(await fleet.call(A, 'UserPromptSubmit')).toMatchObject({ told: [] })
  })

  it('are a HALT, an adoption and a waiter as well', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'x.ts')
    await fleet.edit(B, 'y.ts')
    await fleet.call(A, 'UserPromptSubmit')
    await fleet.with(async ledger => {
      await ledger.halt({ handle: 'op', lane: 'edit:x.ts', reason: 'budget' })
      const lease = (await ledger.leases()).find(({ lane }) => lane === 'edit:y.ts')
      await ledger.adopt({
        lane: 'edit:y.ts',
        newHolder: 'claude-code/7f3a',
        expectToken: lease?.token ?? -1,
        force: true,
      })
    })
    await using ledger = await fleet.ledger()
    const stop = new AbortController()
    const { signal } = stop
    const waiting = ledger.acquire({ lane: 'w', holder: 'waiter', region: ['x.ts'] }, { wait: '10m', signal })
    await until(() => [...ledger.state.tickets.live(fleet.time.wall())].length > 0)
    const { told } = await fleet.call(A, 'UserPromptSubmit')
    expect(told).toEqual([
      expect.stringContaining('you have been given the lease on y.ts'),
      expect.stringContaining('you are asked to stop (op: budget)'),
      expect.stringContaining('waiter waits for x.ts'),
    ])
    expect(await fleet.call(A, 'UserPromptSubmit')).toMatchObject({ told: [] })
    stop.abort()
    await waiting
  })

  it('are no more than one beside a refusal', async () => {
    await using fleet = new Fleet()
    await fleet.edit(B, 'y.ts')
    for (const file of ['a/a', 'b/b']) await fleet.edit(A, file)
    await fleet.with(async ledger => {
      for (const { lane, token } of await ledger.leases()) {
        if (lane !== 'edit:y.ts') await ledger.scavenge({ lane, token, force: true })
      }
    })
    expect((await fleet.edit(A, 'y.ts')).told).toHaveLength(1)
    expect(news((await fleet.call(A, 'UserPromptSubmit')).told)).toHaveLength(1)
  })
})

describe('a wait for a human', () => {
  const asks = { tool_name: 'Bash', tool_input: { command: 'rm x' } }
  const verdicts = (fleet: Fleet) =>
    fleet.with(async ledger => {
      const view = await queryLiveness(ledger.store, ledger.stream, { state: ledger.state })
      return { leases: view.leases.map(({ lane, verdict }) => `${lane} ${verdict}`), waiting: view.waiting ?? [] }
    })

  it('is a verdict of its own, with since, however long it lasts, and stands first', async () => {
    await using fleet = new Fleet()
    await fleet.edit(B, 'b.ts')
    await fleet.edit(A, 'a.ts')
    const sinceMs = fleet.time.wall()
    await fleet.call(A, 'PermissionRequest', asks)
    fleet.time.advance(20 * MINUTE_MS)
    await fleet.call(A, 'Notification', { notification_type: 'permission_prompt', message: 'Bash?' })
    const { leases, waiting } = await verdicts(fleet)
    expect(leases).toEqual(['edit:a.ts WAITING', 'edit:b.ts STALLED'])
    expect(waiting).toMatchObject([{ holder: 'claude-code/7f3a1', for: 'permission', sinceMs }])
  })

  it('lengthens no lease', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'a.ts')
    const before = await fleet.with(ledger => ledger.leases())
    fleet.time.advance(5 * MINUTE_MS)
    await fleet.call(A, 'PermissionRequest', asks)
    expect(await fleet.with(ledger => ledger.leases())).toEqual(before)
  })

  it('is over with the next call, and is never made of silence', async () => {
    await using fleet = new Fleet()
    await fleet.edit(A, 'a.ts')
    await fleet.call(A, 'PermissionRequest', asks)
    await fleet.call(A, 'PostToolUse', asks)
    fleet.time.advance(20 * MINUTE_MS)
    expect(await verdicts(fleet)).toEqual({ leases: ['edit:a.ts STALLED'], waiting: [] })
  })

  it('of a session without a lease is seen as well', async () => {
    await using fleet = new Fleet()
    await fleet.call(A, 'PermissionRequest', asks)
    expect(await verdicts(fleet)).toMatchObject({ leases: [], waiting: [{ holder: 'claude-code/7f3a' }] })
  })
})
