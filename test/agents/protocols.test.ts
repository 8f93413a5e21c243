import { HookInputError, HookShape, readHook } from '@holdfast/engine/write-guard'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AGENTS, recorded, shapeOf, type Agent } from './recorded.ts'

const read = (agent: Agent, document: unknown) => readHook(shapeOf(agent), JSON.stringify(document))

function meaning(agent: Agent, document: unknown) {
  const { seen, request, shell } = read(agent, document)
  return {
    kind: seen.kind,
    session: seen.who?.session,
    subagent: seen.who?.subagent,
    asks: request.asks,
    ...(request.asks === 'writes' ? { paths: request.paths } : {}),
    ...(shell === null ? {} : { command: shell.command }),
    ...(shell?.timeoutMs === undefined ? {} : { timeoutMs: shell.timeoutMs }),
    ...(seen.waits === undefined ? {} : { waits: seen.waits }),
  }
}

describe.each(AGENTS)('a document of %s', agent => {
  it('is data that a configuration could hold', () => {
    expect(HookShape.parse(shapeOf(agent))).toMatchObject({ source: 'document' })
  })

  it.each(recorded(agent).map(one => [one.expect.kind, one] as const))('says what it is about: %s', (_, one) => {
    expect(meaning(agent, one.document)).toEqual(one.expect)
  })

  it('may have fields that nobody knows yet', () => {
    for (const { document, expect: expected } of recorded(agent)) {
      expect(meaning(agent, { ...document, brand_new: { nested: [1, null, 'x'] } })).toEqual(expected)
    }
  })

  it('is read, or refused with a reason, wherever it is torn', () => {
    for (const { document } of recorded(agent)) {
      const text = JSON.stringify(document)
      for (let length = 0; length < text.length; length += 7) {
        expect(() => readHook(shapeOf(agent), text.slice(0, length))).toThrow(HookInputError)
      }
    }
  })

  it('is read, or refused with a reason, whatever stands in the place of a value', () => {
    const documents = recorded(agent).map(({ document }) => document)
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), fc.jsonValue(), (document, place, value) => {
        const altered = replaced(document, place, value)
        try {
          const { request } = read(agent, altered)
          if (request.asks === 'writes') expect(request.paths.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(HookInputError)
        }
      }),
      { numRuns: 150 },
    )
  })
})

/** The document with another value at one of its places, counted through. */
function replaced(document: unknown, place: number, value: unknown): unknown {
  let left = place % Math.max(1, countOf(document))
  const walk = (at: unknown): unknown => {
    if (left === 0) {
      left -= 1
      return value
    }
    left -= 1
    if (Array.isArray(at)) return at.map(walk)
    if (typeof at !== 'object' || at === null) return at
    return Object.fromEntries(Object.entries(at).map(([key, each]) => [key, walk(each)]))
  }
  return walk(document)
}

function countOf(at: unknown): number {
  if (typeof at !== 'object' || at === null) return 1
  return Object.values(at).reduce((sum: number, each) => sum + countOf(each), 1)
}

describe('what a tool writes', () => {
  it.each([
    ['codex', 'apply_patch', { command: '*** Begin Patch\n*** End Patch' }],
    ['codex', 'apply_patch', { command: 7 }],
    ['codex', 'apply_patch', {}],
    ['claude-code', 'mcp__any__write_file', { text: 'x' }],
    ['cursor', 'Write', {}],
  ] as const)('of %s is refused when %s names no file: %j', (agent, tool, input) => {
    const document = { session_id: 's', hook_event_name: BEFORE[agent], tool_name: tool, tool_input: input }
    expect(() => read(agent, document)).toThrow('names no path')
  })

  it('by a patch is everything that it names, by headers of any version', () => {
    const patch = [
      '*** Begin Patch',
      '  *** Update File: a b.ts ',
      '*** Rename File: c.ts',
      '*** Move to: d.ts',
      '+*** Add File: no.ts',
      '*** End of File',
      '*** End Patch',
    ]
    const document = {
      session_id: 's',
      hook_event_name: 'PreToolUse',
      tool_name: 'apply_patch',
      tool_input: { command: patch.join('\r\n') },
    }
    expect(read('codex', document).request).toMatchObject({ paths: ['a b.ts', 'c.ts', 'd.ts'] })
  })

  it('is judged although the event is one that nobody knows yet', () => {
    const document = {
      session_id: 's',
      hook_event_name: 'PreToolUseV2',
      tool_name: 'Write',
      tool_input: { file_path: 'a' },
    }
    expect(read('claude-code', document)).toMatchObject({ seen: { kind: 'unknown' }, request: { asks: 'writes' } })
  })
})

const BEFORE = { codex: 'PreToolUse', 'claude-code': 'PreToolUse', cursor: 'preToolUse' } as const

it.each([7, ['a'], { a: 1 }, 'x'.repeat(2000)])('an id of a session that is none is refused: %j', id => {
  expect(() => read('claude-code', { session_id: id, hook_event_name: 'Stop' })).toThrow('no id of a session')
})
