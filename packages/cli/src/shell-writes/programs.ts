import { ARCHIVES } from './archives.ts'
import { TOLD_LENGTH_MAX, unknownTarget, writes, type Call, type Program } from './call.ts'
import { COPYING } from './copying.ts'
import { FINDING } from './find.ts'
import { git } from './git.ts'
import { givenOptions } from './options.ts'
import { PACKAGE_MANAGERS } from './package-managers.ts'
import { PATCHES } from './patches.ts'
import { READERS } from './readers.ts'
import { SIMPLE_WRITERS, type SimpleWriter } from './simple-writers.ts'
import type { Field } from './state.ts'
import { STARTERS } from './starters.ts'

/** Programs whose words have an order of their own. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  ...COPYING,
  ...ARCHIVES,
  ...FINDING,
  ...PATCHES,
  ...PACKAGE_MANAGERS,
  ...STARTERS,
  git,
  dd: call => {
    const output = call.words.find(word => word === null || word.startsWith('of='))
    if (output === null) unknownTarget(call)
    else if (output !== undefined) writes(call, output.slice('of='.length))
    return null
  },
  awk: coded,
  gawk: coded,
  mawk: coded,
  cat: ({ words, input }) => (words.length === 0 ? input : null),
  mktemp: ({ state }) => `${temporary(state.value('TMPDIR'))}/tmp.XXXXXXXXXX\n`,
  dirname: ({ words: [path] }) => (path === undefined || path === null ? null : `${folderOf(path)}\n`),
  basename: ({ words: [path, ending = ''] }) => {
    if (path === undefined || path === null || ending === null) return null
    const name = path.slice(path.lastIndexOf('/') + 1)
    return `${ending !== '' && name.endsWith(ending) ? name.slice(0, -ending.length) : name}\n`
  },
}

/** Where programs of the system are: a path to one means the program of that name. */
const SYSTEM_FOLDERS: ReadonlySet<string> = new Set([
  '/bin',
  '/usr/bin',
  '/usr/local/bin',
  '/sbin',
  '/usr/sbin',
  '/opt/homebrew/bin',
])

/** Starts a program: notes what it writes, and answers what it prints. */
export function startProgram(given: Call): Field {
  const call = { ...given, name: plainName(given.name) }
  const { name, words, found } = call
  found.program(name)
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
  if (program !== undefined) return program(call)
  const writer = Object.hasOwn(SIMPLE_WRITERS, name) ? SIMPLE_WRITERS[name] : undefined
  if (writer !== undefined) {
    writesOfSimple(call, writer)
    return null
  }
  if (READERS.has(name)) return null
  if (name.includes('/')) return script(call)
  found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'program')
  return null
}

function writesOfSimple(call: Call, writer: SimpleWriter): void {
  const { words, state, look } = call
  const { has, values, operands } = givenOptions(words, writer)
  for (const output of values(...(writer.outputs ?? []))) if (output !== '-') writes(call, output)
  if (writer.only !== undefined && !has(...writer.only)) return
  if (writer.never !== undefined && has(...writer.never)) return
  const { below = [] } = writer
  const extent = below === true || has(...below) ? 'tree' : 'file'
  for (const operand of written(operands, writer, has)) {
    if (operand === '-') continue
    const path = state.path(operand)
    if (writer.makes === true && path !== null) {
      if (look.kind(path) !== 'none') continue
      state.made.add(path)
    }
    writes(call, operand, extent)
  }
}

function written(
  operands: readonly Field[],
  writer: SimpleWriter,
  has: (...names: readonly string[]) => boolean,
): readonly Field[] {
  switch (writer.operands) {
    case 'all':
      return operands
    case 'none':
      return []
    case 'last':
      return operands.slice(-1)
    case 'second':
      return operands.slice(1, 2)
    case 'but-first':
      return operands.slice(has(...(writer.scripts ?? [])) ? 0 : 1)
  }
}

/** A program's own file: a script for a shell can be read. */
function script(call: Call): Field {
  const { name, state, look, found, words, input } = call
  const path = state.path(name)
  const text = path === null ? null : look.text(path)
  const first = text?.startsWith('#!') === true ? text.slice(0, text.indexOf('\n')) : ''
  if (
    text === null ||
    !['sh', 'bash', 'dash'].includes(first.slice(Math.max(first.lastIndexOf('/'), first.lastIndexOf(' ')) + 1))
  ) {
    found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'program')
    return null
  }
  const inner = state.copy()
  inner.positional = words
  return call.run(text, { state: inner, input })
}

/** A program of awk's own language, which can write: only one without any sign of that is known to read. */
function coded({ name, words, found }: Call): Field {
  const isHarmless = words.every(
    word =>
      word !== null &&
      !word.includes('>') &&
      !word.includes('system') &&
      !word.includes('|') &&
      !word.startsWith('-i') &&
      word !== '-f',
  )
  if (!isHarmless)
    found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'code')
  return null
}

function plainName(name: string): string {
  const slash = name.lastIndexOf('/')
  if (slash < 0) return name
  const folder = name.slice(0, slash)
  return SYSTEM_FOLDERS.has(folder) || folder.endsWith('node_modules/.bin') ? name.slice(slash + 1) : name
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash)
}

function temporary(named: unknown): string {
  return typeof named === 'string' && named !== '' ? named : '/tmp'
}
