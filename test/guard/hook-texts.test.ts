import { withBlock, withEntry, withoutBlock, withoutEntry } from '@holdfast/engine/write-guard'
import { fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'

const LIST = ['hooks', 'PreToolUse']
const entry = { matcher: 'Write', hooks: [{ type: 'command', command: "'/a b/node' guard check --hook x || exit 2" }] }
const isOurs = (other: unknown): boolean => JSON.stringify(other) === JSON.stringify(entry)

describe('an entry in a JSON document', () => {
  const key = fc.constantFrom('hooks', 'PreToolUse', 'permissions', 'a "b"')
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(1, -2.5e3, 'é', '{"]', true, null), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  }))
  const list = fc.array(value, { maxLength: 3 })
  const hooks = fc.oneof(fc.record({ PreToolUse: list }), fc.record({ Stop: list, PreToolUse: list }), fc.constant({}))
  const document = fc.oneof(
    fc.record({ hooks }),
    fc.record({ permissions: value, hooks, model: value }),
    fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2 }),
  )
  const layout = fc.constantFrom<(text: unknown) => string>(
    it => JSON.stringify(it),
    it => JSON.stringify(it, null, 2),
    it => `${JSON.stringify(it, null, '\t')}\r\n`,
    it => JSON.stringify(it, null, 4).replaceAll('{}', '{\n }').replaceAll('[]', '[\n\t]'),
    it => JSON.stringify(it).replaceAll(',', ' , ').replaceAll(':', ' : '),
  )

  it('goes in beside everything else, and out again to the byte', () => {
    fc.assert(
      fc.property(document, layout, (content, print) => {
        const text = print(content)
        const added = withEntry(text, { list: LIST, entry })
        const { hooks = {}, ...rest } = JSON.parse(added) as { hooks?: Record<string, unknown[]> }
        const { hooks: hooksBefore = {}, ...restBefore } = JSON.parse(text) as { hooks?: Record<string, unknown[]> }
        expect(rest).toEqual(restBefore)
        expect(hooks).toEqual({ ...hooksBefore, PreToolUse: [...(hooksBefore['PreToolUse'] ?? []), entry] })
        expect(withoutEntry(added, LIST, isOurs)).toEqual({ found: true, text })
      }),
    )
  })

  it('makes the file, which goes away with it', () => {
    const made = withEntry(null, { list: LIST, entry })
    expect(JSON.parse(made)).toEqual({ hooks: { PreToolUse: [entry] } })
    expect(withoutEntry(made, LIST, isOurs)).toEqual({ found: true, text: null })
  })

  it('comes out of a file that was formatted anew or got neighbours meanwhile', () => {
    const made = withEntry('{"a": 1}', { list: LIST, entry })
    const formatted = JSON.stringify(JSON.parse(made), null, 2)
    expect(withoutEntry(formatted, LIST, isOurs).text).toBe('{\n  "a": 1\n}')
    const neighbours = JSON.stringify({ hooks: { PreToolUse: [entry, { matcher: 'Bash' }] } })
    expect(withoutEntry(neighbours, LIST, isOurs).text).toBe('{"hooks":{"PreToolUse":[{"matcher":"Bash"}]}}')
  })

  it.each([
    ['// c', 'no JSON'],
    ['[]', 'is no object'],
    ['{"hooks": []}', 'hooks: is no object'],
    ['{"hooks": {"PreToolUse": {}}}', 'hooks.PreToolUse: is no array'],
  ])('does not go into %s', (text, message) => {
    expect(() => withEntry(text, { list: LIST, entry })).toThrow(message)
  })
})

describe('the block in a git hook', () => {
  it.each([
    '#!/bin/sh\n',
    '#!/bin/sh',
    '#!/usr/bin/env bash\nset -e\nexec npm test\n',
    '#!/bin/sh\nnpm test',
    'npm test\n',
    'npm test',
    '',
    '\n\n',
  ])('goes in first and out again to the byte: %j', text => {
    const added = withBlock(text, 'holdfast guard check --hook git')
    expect(added).toContain('holdfast guard check --hook git || exit 1\n')
    expect(withoutBlock(added)).toBe(text)
    expect(withBlock(added, 'holdfast guard check --hook git')).toBe(added)
    if (text.startsWith('#!')) expect(added.startsWith(text.split('\n')[0] ?? '')).toBe(true)
  })

  it('makes the file, which goes away with it unless something else came to stand there', () => {
    const made = withBlock(null, 'x')
    expect(withoutBlock(made)).toBe(null)
    expect(withoutBlock(`${made}npm test\n`)).toBe('#!/bin/sh\nnpm test\n')
  })

  it('stays out of a hook that no shell runs', () => {
    expect(() => withBlock('#!/usr/bin/env python3\nprint()\n', 'x')).toThrow('python3')
  })
})
