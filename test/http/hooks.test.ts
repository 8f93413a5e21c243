import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hookDoor } from '../../packages/cli/src/hook-door/index.ts'
import { HOOK_BYTES_MAX } from '../../packages/server/src/http/hooks.ts'
import { HttpScene, type Answer } from './http-scene.ts'

/** A server that answers hooks, and a folder whose ledger it has. */
class HookScene implements AsyncDisposable {
  readonly http: HttpScene
  readonly folder: string

  private constructor(http: HttpScene) {
    this.http = http
    this.folder = realpathSync(http.scene.folder)
    mkdirSync(join(this.folder, '.holdfast'))
    symlinkSync(http.scene.path, join(this.folder, '.holdfast', 'ledger.db'))
    const policy = { guard: { unclaimed: 'claim' } }
    writeFileSync(join(this.folder, 'holdfast.config.json'), JSON.stringify(policy))
  }

  static async make(): Promise<HookScene> {
    return new HookScene(await HttpScene.make({ hooks: async () => hookDoor() }))
  }

  /** A document of Claude Code, as its public documentation has it. */
  call(more: object, { token = this.http.owner, agent = 'claude-code' } = {}): Promise<Answer> {
    const about = { session_id: 's1', hook_event_name: 'PreToolUse', cwd: this.folder }
    return this.http.post(`hook/${agent}`, { ...about, ...more }, { token })
  }

  edit(path: string, more: object = {}): Promise<Answer> {
    return this.call({ tool_name: 'Write', tool_input: { file_path: path, content: '' }, ...more })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]()
  }
}

const DENIED = { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny' } }

function reasonOf({ json }: Answer): string {
  return JSON.stringify(json['hookSpecificOutput'] ?? null)
}

describe('a hook that an agent calls by HTTP', () => {
  it('claims what is edited first, and refuses the edit of another session with its holder', async () => {
    await using scene = await HookScene.make()
    expect(await scene.edit('src/a.ts')).toMatchObject({ status: 200, json: {} })
    expect(await scene.edit('src/a.ts')).toMatchObject({ status: 200, json: {} })
    const other = await scene.edit('src/a.ts', { session_id: 's2' })
    expect(other).toMatchObject({ status: 200, json: DENIED })
    expect(reasonOf(other)).toContain('claude-code/')
    // The name of the token is recorded with all that came by it.
    const log = await scene.http.scene.log()
    expect(log.map(({ type }) => type)).toContain('ACQUIRE')
    expect(log.every(entry => JSON.stringify(entry).includes('"token":"owner"'))).toBe(true)
  })

  it('answers an end of the session by giving up what it held', async () => {
    await using scene = await HookScene.make()
    await scene.edit('a.ts')
    expect(await scene.call({ hook_event_name: 'SessionEnd' })).toMatchObject({ status: 200 })
    expect(await scene.edit('a.ts', { session_id: 's2' })).toMatchObject({ status: 200, json: {} })
  })

  it('tells a session that starts who it is', async () => {
    await using scene = await HookScene.make()
    const { json } = await scene.call({ hook_event_name: 'SessionStart' })
    expect(json).toMatchObject({ hookSpecificOutput: { hookEventName: 'SessionStart' } })
    expect(reasonOf({ status: 200, headers: {}, text: '', json })).toContain('claude-code/')
  })

  // An agent lets a tool run when the answer is no success: whatever goes wrong is a success that refuses.
  it('refuses, and says why, whatever it cannot judge', async () => {
    await using scene = await HookScene.make()
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-elsewhere-')))
    const reader = scene.http.token({ name: 'reader', can: ['read'] })
    const bound = scene.http.token({
      name: 'bound',
      can: ['acquire', 'release', 'heartbeat', 'spawn'],
      holders: ['claude-code/*'],
    })
    const write = { tool_name: 'Write', tool_input: { file_path: 'a.ts' } }
    const cases: readonly (readonly [what: string, answer: Promise<Answer>, says: string])[] = [
      ['no token', scene.call(write, { token: 'holdfast.nobody.x' }), 'unknown, revoked or expired'],
      ['a right that lacks', scene.call(write, { token: reader }), 'lacks the right acquire'],
      ['a token for some holders', scene.call(write, { token: bound }), 'bound to holders'],
      ['a folder of no known tree', scene.call({ ...write, cwd: elsewhere }), 'in no work tree'],
      ['a folder that is not here', scene.call({ ...write, cwd: '/nowhere/at/all' }), 'no folder of this host'],
      ['no folder', scene.call({ ...write, cwd: undefined }), 'in which folder'],
      ['no session', scene.call({ ...write, session_id: undefined }), 'names no session'],
      ['a shell', scene.call({ tool_name: 'Bash', tool_input: { command: 'ls' } }), 'command hook alone'],
      ['another ledger', scene.http.ask('/v1/ledgers/other/hook/claude-code', headed(scene, '{}')), 'no ledger'],
      ['no JSON', scene.http.ask('/v1/ledgers/default/hook/claude-code', headed(scene, '{"cwd":')), 'JSON'],
      [
        'no content type',
        scene.http.ask('/v1/ledgers/default/hook/claude-code', {
          method: 'POST',
          headers: { Authorization: `Bearer ${scene.http.owner}` },
          body: '{}',
        }),
        'application/json',
      ],
      ['too much', scene.edit('x'.repeat(HOOK_BYTES_MAX + 1)), 'bytes'],
    ]
    for (const [what, asked, says] of cases) {
      const answer = await asked
      expect(answer, what).toMatchObject({ status: 200, json: DENIED })
      expect(reasonOf(answer), what).toContain(says)
    }
    expect(await scene.http.scene.types()).toEqual([])
    rmSync(elsewhere, { recursive: true })
  })

  it('of an agent that is not known, or a file in its place, is refused', async () => {
    await using scene = await HookScene.make()
    for (const agent of ['nobody', 'git', encodeURIComponent('../hook.json'), 'hook.json']) {
      const { status, json } = await scene.call({ tool_name: 'Write' }, { agent })
      expect({ status, json }, agent).toMatchObject({ status: 200, json: { permitted: false } })
    }
  })
})

function headed(scene: HookScene, body: string) {
  const headers = { Authorization: `Bearer ${scene.http.owner}`, 'Content-Type': 'application/json' }
  return { method: 'POST', headers, body }
}
