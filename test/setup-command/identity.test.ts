import { fc } from '@fast-check/vitest'
import { JsoncText, undone } from '@holdfast/engine/agent-setup'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { jsonc } from './jsonc-samples.ts'
import { Project } from './project.ts'

const CLAUDE = '.claude/settings.json'
const GEMINI = '.gemini/settings.json'
const toml = fc.constantFrom(
  '',
  '# mine\n',
  'model = "x"\n\n[mcp_servers.other]\r\ncommand = "y"',
  '[a]\nb = 1 # c\n\n\n',
)

const comments = (text: string): number => text.split(/\/\/ c|\/\/ d|\/\* c|\/\* "e|\/\/ end/).length - 1

describe('what setup writes into files of somebody', () => {
  it('goes in beside everything else, once, and out again to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(jsonc, jsonc, toml, async (claude, gemini, codex) => {
        using project = new Project()
        project.write(CLAUDE, claude)
        project.write(GEMINI, gemini)
        project.write('.codex/config.toml', codex)
        const before = project.everything()
        const agents = ['claude-code', 'codex', 'gemini-cli'] as const
        expect(await project.setUp(agents)).toEqual(expect.arrayContaining([CLAUDE, GEMINI, '.codex/config.toml']))
        const after = project.everything()
        expect(await project.setUp(agents)).toEqual([])
        expect(project.everything()).toEqual(after)
        for (const [file, text] of [
          [CLAUDE, claude],
          [GEMINI, gemini],
        ] as const) {
          const written = project.read(file)
          expect(comments(written)).toBe(comments(text))
          expect(written.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'))
          expect(others(written)).toEqual(others(text))
        }
        await project.setUp(agents, { remove: true })
        expect(project.everything()).toEqual(before)
      }),
      { numRuns: 25 },
    )
  })

  it('goes out alone where somebody edited another part meanwhile, or nothing was recorded', async () => {
    await fc.assert(
      fc.asyncProperty(jsonc, fc.boolean(), async (text, isRecorded) => {
        using project = new Project()
        project.write(CLAUDE, text)
        await project.setUp(['claude-code'])
        const json = new JsoncText(project.read(CLAUDE))
        json.set(['mine', 'x'], [1])
        project.write(CLAUDE, json.text)
        if (!isRecorded) project.write('.holdfast/setup.json', '{"version": 7}')
        await project.setUp(['claude-code'], { remove: true })
        const left = project.read(CLAUDE)
        expect(left).not.toContain('holdfast')
        expect(comments(left)).toBe(comments(text))
        expect(others(left)).toEqual({ ...others(text), mine: { x: [1] } })
      }),
      { numRuns: 25 },
    )
  })
})

it('an edit of a text leads back to it, whatever was edited', () => {
  const path = fc.array(fc.constantFrom('a', 'permissions', 'hooks', 'new'), { minLength: 1, maxLength: 3 })
  const edit = fc.tuple(fc.constantFrom('set', 'append', 'remove'), path)
  fc.assert(
    fc.property(jsonc, fc.array(edit, { maxLength: 5 }), (text, edits) => {
      const json = new JsoncText(text)
      for (const [kind, place] of edits) {
        try {
          if (kind === 'remove') json.remove(place)
          else json[kind](place, { x: [{ y: 1 }] })
        } catch (error) {
          // Something else is in the way, and stays.
          expect(error).toMatchObject({ code: 'invalid-input' })
        }
        expect(() => new JsoncText(json.text)).not.toThrow()
      }
      expect(undone(json.text, json.undo)).toBe(text)
    }),
  )
})

/** All that is not of setup. */
function others(text: string): Record<string, unknown> {
  const value = parse(text.replace('\uFEFF', ''), [], { allowTrailingComma: true }) as Record<string, unknown>
  const isOurs = (each: unknown): boolean => JSON.stringify(each).includes(' guard check --hook ')
  const hooks = Object.entries((value['hooks'] ?? {}) as Record<string, unknown[]>)
    .map(([event, list]) => [event, list.filter(each => !isOurs(each))] as const)
    .filter(([, list]) => list.length > 0)
  const { holdfast: _, ...servers } = (value['mcpServers'] ?? {}) as Record<string, unknown>
  const { hooks: _hooks, mcpServers: _servers, ...rest } = value
  return {
    ...rest,
    ...(hooks.length === 0 ? {} : { hooks: Object.fromEntries(hooks) }),
    ...(Object.keys(servers).length === 0 ? {} : { mcpServers: servers }),
  }
}
