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

  it('is there for every event of the table', () => {
    const seen = recorded(agent).map(({ document }) => read(agent, document).seen.name)
    const names = (shapeOf(agent).events ?? []).map(({ name }) => name)
    expect(names.filter(name => !seen.includes(name))).toEqual([])
  })

  it('of an event that another version names otherwise is of the same session, and judged if its tool writes', () => {
    for (const { document, expect: expected } of recorded(agent)) {
      const { seen, request } = read(agent, renamed(document))
      expect(seen).toMatchObject({ kind: 'unknown', who: { session: expected.session } })
      // What came before a tool is refused or allowed as before; what came after one is judged once more.
      if (expected.asks === 'writes') expect(request).toMatchObject({ asks: 'writes', paths: expected.paths })
    }
  })

  it('names its paths as they stand there, however hostile they are, or is refused', () => {
    const writing = recorded(agent).filter(({ expect: expected }) => expected.asks === 'writes')
    expect(writing.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(fc.constantFrom(...writing), hostile, ({ document, expect: expected }, path) => {
        const [known = ''] = expected.paths ?? []
        const altered = withText(document, known, path)
        try {
          const { request } = read(agent, altered)
          // A patch is lines, so a path in it ends with its line, and blanks around it are none of it.
          const line = path.split(/[\r\n]/)[0]?.trim() ?? ''
          const named = [path, line, ...(line === '' ? (expected.paths ?? []) : [])]
          if (request.asks !== 'writes') throw new Error('it was let through')
          expect(request.paths.some(each => named.includes(each))).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(HookInputError)
        }
      }),
      { numRuns: 200 },
    )
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

const hostile = fc.oneof(
  fc.constantFrom(
    '../../../etc/passwd',
    '/etc/passwd',
    'a\u0000b',
    '\ud800',
    '',
    ' ',
    '.',
    '..',
    '~/x',
    'C:\\x',
    'a\nb',
    '-rf',
    '*',
  ),
  fc.string({ unit: fc.constantFrom('a', '/', '.', '\\', ' ', '\n', '\u202e', '"', '*'), maxLength: 12 }),
)

/** The same document with another name for its event. */
function renamed(document: Readonly<Record<string, unknown>>): unknown {
  const { event, hook, hook_event_name: name } = document
  if (typeof name === 'string') return { ...document, hook_event_name: `${name}V2` }
  if (typeof event !== 'object' || event === null || !('type' in event))
    return { ...document, hook: `${String(hook)}V2` }
  return { ...document, event: { ...event, type: `${String(event.type)}V2` } }
}

/** The document with another text in the place of one, also inside of texts. */
function withText(document: unknown, known: string, text: string): unknown {
  const walk = (at: unknown): unknown => {
    // Some agents hand on arguments as a text in JSON.
    const within = (given: string): string => (given.startsWith('{') ? JSON.stringify(text).slice(1, -1) : text)
    if (typeof at === 'string') return at.replaceAll(known, () => within(at))
    if (Array.isArray(at)) return at.map(walk)
    if (typeof at !== 'object' || at === null) return at
    return Object.fromEntries(Object.entries(at).map(([key, each]) => [key, walk(each)]))
  }
  return walk(document)
}

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
