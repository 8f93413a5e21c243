import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  guardedPath,
  guardedRoot,
  HOOKS,
  HookShape,
  readDocument,
  type DocumentHook,
} from '@holdfast/engine/write-guard'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

function documentHook(name: string): DocumentHook {
  const shape = HOOKS[name]
  if (shape?.source !== 'document') throw new Error(`${name} reads no document`)
  return shape
}

describe('what an agent is about to write', () => {
  const shape = documentHook('claude-code')
  const read = (document: unknown) => readDocument(shape, JSON.stringify(document))

  it.each([
    [{ tool_name: 'Write', tool_input: { file_path: 'a.ts', content: '' } }, ['a.ts']],
    [{ tool_name: 'NotebookEdit', tool_input: { notebook_path: 'a.ipynb' } }, ['a.ipynb']],
    [
      { tool_name: 'MultiEdit', tool_input: { file_path: 'a', edits: [{ file_path: 'b' }, { file_path: 'a' }, {}] } },
      ['a', 'b'],
    ],
  ])('is read from %j', (document, paths) => {
    expect(read(document)).toEqual({ asks: 'writes', tool: document.tool_name, paths })
  })

  it('is relative to the folder that the agent works in', () => {
    const document = { cwd: '/work', tool_name: 'Edit', tool_input: { file_path: 'a' } }
    expect(read(document)).toMatchObject({ directory: '/work' })
  })

  it('is nothing for a tool that does not write', () => {
    expect(read({ tool_name: 'Read', tool_input: { file_path: 'a' } })).toEqual({ asks: 'nothing', tool: 'Read' })
  })

  it.each([
    ['', 'no JSON'],
    ['null', 'names no tool'],
    ['{}', 'names no tool'],
    ['{"tool_name": 7}', 'names no tool'],
    ['{"tool_name": "Write"}', 'names no path'],
    ['{"tool_name": "Write", "tool_input": "a"}', 'names no path'],
    ['{"tool_name": "Write", "tool_input": {"file_path": 7}}', '7 is no path'],
    ['{"tool_name": "Write", "tool_input": {"file_path": ""}}', '"" is no path'],
    ['{"tool_name": "Write", "tool_input": {"file_path": "a"}, "cwd": 7}', 'no folder'],
  ])('is refused when it stays open: %s', (text, message) => {
    expect(() => readDocument(shape, text)).toThrow(message)
  })

  it('of another agent is a few lines of data', () => {
    const other = HookShape.parse({
      source: 'document',
      tool: 'event.name',
      writers: ['patch'],
      paths: ['event.changes[].target.path'],
      refusedExitCode: 9,
    })
    if (other.source !== 'document') throw new Error(other.source)
    const text = JSON.stringify({
      event: { name: 'patch', changes: [{ target: { path: 'a' } }, { target: { path: 'b' } }] },
    })
    expect(readDocument(other, text)).toMatchObject({ paths: ['a', 'b'] })
  })
})

describe('where a path leads', () => {
  let base: string
  let root: string
  beforeAll(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-paths-')))
    root = join(base, 'repo')
    for (const folder of ['repo/src/api', 'repo/.git', 'elsewhere']) mkdirSync(join(base, folder), { recursive: true })
    writeFileSync(join(root, 'src/api/x.ts'), '')
    symlinkSync('src/api', join(root, 'short'))
    symlinkSync('src/api/x.ts', join(root, 'x'))
    symlinkSync('src/api/new.ts', join(root, 'dangling'))
    symlinkSync(join(base, 'elsewhere'), join(root, 'out'))
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync(root, join(base, 'alias'))
  })
  afterAll(() => rmSync(base, { recursive: true }))
  const map = (path: string, directory = root) => guardedPath(path, { root, directory })

  it.each([
    ['src/api/x.ts', ['src/api/x.ts']],
    ['./src//api/../api/x.ts', ['src/api/x.ts']],
    ['short/x.ts', ['src/api/x.ts']],
    ['short/deep/new.ts', ['src/api/deep/new.ts']],
    ['x', ['x', 'src/api/x.ts']],
    ['dangling', ['dangling', 'src/api/new.ts']],
    ['app/[id]/*.tsx', ['app/[id]/*.tsx']],
  ])('%s leads to %j', (path, inside) => {
    expect(map(path)).toEqual({ given: path, inside, outside: [] })
  })

  it('an absolute path, one from a folder below and one through a link to the root lead to the same place', () => {
    expect(map(join(root, 'src/api/x.ts')).inside).toEqual(['src/api/x.ts'])
    expect(map('x.ts', join(root, 'src/api')).inside).toEqual(['src/api/x.ts'])
    expect(map(join(base, 'alias/src/api/x.ts')).inside).toEqual(['src/api/x.ts'])
  })

  it('a path that leaves the root is outside, through a link as well', () => {
    expect(map('../elsewhere/a')).toMatchObject({ inside: [], outside: [join(base, 'elsewhere/a')] })
    expect(map('out/a')).toMatchObject({ inside: [], outside: [join(base, 'elsewhere/a')] })
    expect(map('..foo/a')).toMatchObject({ inside: ['..foo/a'], outside: [] })
  })

  it.each([
    ['.', 'the root itself'],
    ['loop', 'ELOOP'],
    ['loop/a', 'ELOOP'],
    ['', 'is no path'],
    ['a\0b', 'is no path'],
  ])('%j leads nowhere', (path, message) => {
    expect(() => map(path)).toThrow(message)
  })

  it('the root is the work tree, wherever in it one stands', () => {
    expect(guardedRoot(undefined, join(root, 'src/api'))).toBe(root)
    expect(guardedRoot('src', root)).toBe(join(root, 'src'))
    expect(() => guardedRoot('nowhere', root)).toThrow('root')
  })
})
