import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openCodePlugin } from '@holdfast/engine/agent-setup'
import { readHook } from '@holdfast/engine/write-guard'
import { describe, expect, it } from 'vitest'
import { shapeOf } from '../agents/recorded.ts'
import { Project } from './project.ts'

type Hook = (input: unknown, output?: unknown) => Promise<unknown>

interface Plugin {
  readonly id: string
  readonly server: (given: object) => Promise<Record<string, Hook>>
  readonly setup: (context: object) => Promise<() => Promise<void>>
}

/** Stands for this program: keeps what it is sent, refuses what names `held`, and has something to tell of a prompt. */
const ANSWERS = `#!/bin/sh
read -r document
printf '%s\\n' "$document" >> documents
case $document in
*chat.message*) echo '{"context": "told once"}' ;;
*held*before* | *before*held*) echo 'holdfast: held is refused' >&2; exit 2 ;;
esac
`

async function plugged(project: Project, command = 'sh ./answers'): Promise<Plugin> {
  project.write('answers', ANSWERS)
  project.write('plugin.mjs', openCodePlugin(command))
  const { default: plugin } = (await import(pathToFileURL(project.path('plugin.mjs')).href)) as { default: Plugin }
  return plugin
}

const meanings = (project: Project) =>
  readFileSync(join(project.root, 'documents'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => {
      const { seen, request } = readHook(shapeOf('opencode'), line)
      return [
        seen.kind,
        seen.who?.session,
        seen.who?.subagent,
        request.asks === 'writes' ? request.paths : request.asks,
      ]
    })

describe('the plugin of opencode', () => {
  it('hands on what version 1 gives to its hooks, in order, and throws what a refusal says', async () => {
    using project = new Project()
    const { id, server } = await plugged(project)
    expect(id).toBe('holdfast')
    const hooks = await server({ directory: project.root, worktree: '/' })
    const call = (name: string, input: unknown, output?: unknown) => hooks[name]?.(input, output)
    const event = (type: string, properties: object) => call('event', { event: { type, properties } })
    await event('session.created', { info: { id: 'ses_a' } })
    await event('message.part.updated', { sessionID: 'ses_a' })
    await call('chat.message', { sessionID: 'ses_a' }, { message: {}, parts: [] })
    await call('tool.execute.before', { tool: 'edit', sessionID: 'ses_a', callID: '1' }, { args: { filePath: 'x.ts' } })
    const output = { title: '', output: 'done', metadata: {} }
    await call('tool.execute.after', { tool: 'edit', sessionID: 'ses_a', callID: '1' }, output)
    expect(output.output).toBe('done\ntold once')
    const held = call('tool.execute.before', { tool: 'write', sessionID: 'ses_a' }, { args: { filePath: 'held' } })
    await expect(held).rejects.toThrow('holdfast: held is refused')
    await call('permission.ask', { sessionID: 'ses_a', title: 'rm' }, { status: 'ask' })
    await event('session.created', { info: { id: 'ses_b', parentID: 'ses_a' } })
    await call('tool.execute.before', { tool: 'read', sessionID: 'ses_b' }, { args: { filePath: 'y' } })
    await event('session.idle', { sessionID: 'ses_a' })
    await event('session.deleted', { info: { id: 'ses_b' } })
    await call('dispose', undefined)
    expect(meanings(project)).toEqual([
      ['session-start', 'ses_a', null, 'nothing'],
      ['prompt', 'ses_a', null, 'nothing'],
      ['before-tool', 'ses_a', null, ['x.ts']],
      ['after-tool', 'ses_a', null, 'nothing'],
      ['before-tool', 'ses_a', null, ['held']],
      ['waiting', 'ses_a', null, 'nothing'],
      ['subagent-start', 'ses_a', 'ses_b', 'nothing'],
      ['before-tool', 'ses_a', 'ses_b', 'nothing'],
      ['stop', 'ses_a', null, 'nothing'],
      ['subagent-end', 'ses_a', 'ses_b', 'nothing'],
      ['session-end', 'ses_a', null, 'nothing'],
    ])
  })

  it('does the same in version 2, whose tools, fields and events have other names', async () => {
    using project = new Project()
    const { setup } = await plugged(project)
    const hooks: Record<string, Hook> = {}
    const events = [
      { type: 'session.created', data: { info: { id: 'ses_a' } } },
      { type: 'session.execution.succeeded', data: { sessionID: 'ses_a' } },
    ]
    const followed = Promise.withResolvers<void>()
    const subscribe = async function* () {
      yield* events
      followed.resolve()
      await Promise.resolve()
    }
    const end = await setup({
      location: { directory: project.root },
      tool: { hook: (name: string, hook: Hook) => Promise.resolve((hooks[name] = hook)) },
      event: { subscribe },
    })
    await followed.promise
    const call = { sessionID: 'ses_a', callID: '1', agent: 'build' }
    await hooks['execute.before']?.({ ...call, tool: 'edit', input: { path: 'x.ts' } })
    await expect(hooks['execute.before']?.({ ...call, tool: 'write', input: { path: 'held' } })).rejects.toThrow(
      'refused',
    )
    await hooks['execute.after']?.({ ...call, tool: 'shell', input: { command: 'ls' }, result: { content: [] } })
    await end()
    expect(meanings(project)).toEqual([
      ['session-start', 'ses_a', null, 'nothing'],
      ['stop', 'ses_a', null, 'nothing'],
      ['before-tool', 'ses_a', null, ['x.ts']],
      ['before-tool', 'ses_a', null, ['held']],
      ['after-tool', 'ses_a', null, 'nothing'],
      ['session-end', 'ses_a', null, 'nothing'],
    ])
  })

  it('stops a tool where the program does not run, and nothing else', async () => {
    using project = new Project()
    const { server } = await plugged(project, './gone')
    const hooks = await server({ directory: project.root, worktree: project.root })
    await hooks['chat.message']?.({ sessionID: 'ses_a' })
    const before = hooks['tool.execute.before']?.({ tool: 'edit', sessionID: 'ses_a' }, { args: { filePath: 'x' } })
    await expect(before).rejects.toThrow('gone')
    writeFileSync(project.path('documents'), '')
  })
})
