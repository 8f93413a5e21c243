import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { StatusAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree, type Call, type CallOptions } from '../guard/work-tree.ts'
import { COMMAND } from '../setup/command.ts'

// A store that cannot answer, and what an agent reads of it: a line that says why, and the way out, in bounded time. The
// process is what is tested. Of a ledger that has moved, or is locked: hook-calls.test.ts.

const TIMEOUT_MS = 1500
/** A hook starts, waits, and ends; on a machine with much else to do that takes longer than the wait itself. */
const START_MS = 8000

async function claiming(): Promise<WorkTree> {
  const tree = new WorkTree({ git: false })
  tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'claim', timeout: `${TIMEOUT_MS}ms` } }))
  await tree.prepare('init')
  return tree
}

const WRITE = { tool_name: 'Write', tool_input: { file_path: 'x.ts', content: '' } }

async function hook(tree: WorkTree, event: string, { env = {} }: CallOptions = {}): Promise<Call & { tookMs: number }> {
  const more = event === 'PreToolUse' ? WRITE : {}
  const input = JSON.stringify({ session_id: 's', hook_event_name: event, ...more })
  const begunMs = performance.now()
  const told = await tree.holdfast(['guard', 'check', '--hook', 'claude-code'], { input, env })
  return { ...told, tookMs: performance.now() - begunMs }
}

/** An edit is refused with a line about the cause and one with the way out; the end of a turn goes on. */
async function expectRefusal(tree: WorkTree, why: RegExp, options: CallOptions = {}): Promise<void> {
  const [edit, stop] = await Promise.all([hook(tree, 'PreToolUse', options), hook(tree, 'Stop', options)])
  expect(edit.stderr).toMatch(why)
  expect(edit.stderr).toContain('HOLDFAST_GUARD=off')
  expect(edit.stderr).not.toMatch(/^\s+at /m)
  expect(edit.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
  expect([edit.exitCode, edit.stdout]).toEqual([2, ''])
  expect([stop.exitCode, stop.stdout]).toEqual([0, ''])
  expect(edit.tookMs).toBeLessThan(TIMEOUT_MS + START_MS)
}

describe('a server that is named by its socket', () => {
  it('and is stopped: an edit is refused within guard.timeout, and nothing else is stopped', async () => {
    await using tree = await claiming()
    const server = tree.start(process.execPath, [COMMAND, 'serve'])
    const folder = tree.path('.holdfast/ledger.db.serve')
    const sockets = () => (existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.sock')) : [])
    await expect.poll(() => sockets().length, { timeout: 20_000 }).toBeGreaterThan(0)
    server.kill('SIGSTOP')
    const env = { HOLDFAST_STORE: `unix:${folder}/${sockets()[0] ?? ''}` }
    await expectRefusal(tree, /did not answer within 1500ms \(guard\.timeout\)/, { env })
    // By the file nobody waits for the server.
    expect((await hook(tree, 'PreToolUse')).exitCode).toBe(0)
    server.kill('SIGCONT')
  })

  it('and is gone: an edit is refused, and the way out is open', async () => {
    await using tree = await claiming()
    const env = { HOLDFAST_STORE: `unix:${tree.path('none.sock')}` }
    await expectRefusal(tree, /No server of Holdfast answers at .*none\.sock/, { env })
    expect((await hook(tree, 'PreToolUse', { env: { ...env, HOLDFAST_GUARD: 'off' } })).exitCode).toBe(0)
    const commit = await tree.holdfast(['guard', 'check', '--hook', 'git'], { env })
    expect([commit.exitCode, commit.stderr.includes('HOLDFAST_GUARD=off')]).toEqual([1, true])
  })
})

describe('a file of the store', () => {
  it.each(['ledger.db', 'ledger.db-wal', 'ledger.db.root'])('%s that is a pipe now: refused at once', async name => {
    await using tree = await claiming()
    const file = tree.path('.holdfast', name)
    rmSync(file, { force: true })
    execFileSync('mkfifo', [file])
    await expectRefusal(tree, new RegExp(name.replaceAll('.', String.raw`\.`)))
  })

  it('that is another ledger’s now is refused where the session was told which one is meant', async () => {
    await using tree = await claiming()
    await using other = await claiming()
    const { ledgerId } = StatusAnswer.parse(await tree.prepare('status'))
    const env = { HOLDFAST_LEDGER_ID: ledgerId ?? '' }
    expect((await hook(tree, 'PreToolUse', { env })).exitCode).toBe(0)
    for (const name of ['ledger.db', 'ledger.db-wal']) rmSync(tree.path('.holdfast', name), { force: true })
    copyFileSync(other.path('.holdfast/ledger.db'), tree.path('.holdfast/ledger.db'))
    await expectRefusal(tree, /HOLDFAST_LEDGER_ID/, { env })
  })

  it('that cannot grow, as on a full disk: the edit is refused, for its claim is not durable', async () => {
    await using tree = await claiming()
    const input = JSON.stringify({ session_id: 's', hook_event_name: 'PreToolUse', ...WRITE })
    const command = `ulimit -f 8; exec "$0" "$@"`
    const told = await tree.run(
      'sh',
      ['-c', command, process.execPath, COMMAND, 'guard', 'check', '--hook', 'claude-code'],
      {
        input,
      },
    )
    expect(told.stderr).toContain('HOLDFAST_GUARD=off')
    expect(told.exitCode).toBe(2)
    expect((await hook(tree, 'PreToolUse')).exitCode).toBe(0)
  })
})
