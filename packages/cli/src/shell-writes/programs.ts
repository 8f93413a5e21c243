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
  openssl: call => {
    for (const [place, word] of call.words.entries())
      if (word === '-out' || word === '-keyout') writes(call, call.words[place + 1] ?? null)
    return null
  },
  dd: call => {
    const output = call.words.find(word => word === null || word.startsWith('of='))
    if (output === null) unknownTarget(call)
    else if (output !== undefined) writes(call, output.slice('of='.length))
    return null
  },
  awk: coded,
  gawk: coded,
  mawk: coded,
  cat: ({ words, input, state, look }) => {
    const texts = words.map(word => {
      if (word === '-') return input
      const path = word === null || word.startsWith('-') ? null : state.path(word)
      return path === null ? null : look.text(path)
    })
    return words.length === 0 ? input : texts.includes(null) ? null : texts.join('')
  },
  xxd: call => {
    const { operands, has } = givenOptions(call.words, { valued: 'clos' })
    if (operands.length > 1 || has('r')) for (const output of operands.slice(1, 2)) writes(call, output)
    return null
  },
  csplit: prefixed(['f', 'prefix'], 'xx', 'fbn'),
  split: call => {
    const { operands } = givenOptions(call.words, SPLIT)
    const [, prefix = 'x'] = operands
    if (prefix !== '-') writes(call, prefix === null ? null : `${prefix}aa`)
    return null
  },
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
    case 'first':
      return operands.slice(0, 1)
    case 'last':
      return operands.slice(-1)
    case 'second':
      return operands.slice(1, 2)
    case 'but-first':
      return operands.slice(has(...(writer.scripts ?? [])) ? 0 : 1)
  }
}

/** `#!/bin/sh`, `#!/bin/bash -e`, `#!/usr/bin/env bash`. */
function isForShell(first: string): boolean {
  const words = first.slice('#!'.length).split(' ')
  return words.some(word => ['sh', 'bash', 'dash'].includes(word.slice(word.lastIndexOf('/') + 1)))
}

/** A program's own file: a script for a shell can be read. */
function script(call: Call): Field {
  const { name, state, look, found, words, input } = call
  const path = state.path(name)
  const text = path === null ? null : look.text(path)
  const first = text?.startsWith('#!') === true ? text.slice(0, text.indexOf('\n')) : ''
  // Without a first line of that kind the shell reads it itself.
  const isShell = first === '' ? text?.includes('\0') === false : isForShell(first)
  if (text === null || !isShell) {
    found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'program')
    return null
  }
  const inner = state.copy()
  inner.positional = words
  return call.run(text, { state: inner, input })
}

const SPLIT = {
  valued: 'abClnt',
  long: ['suffix-length', 'bytes', 'lines', 'number', 'line-bytes', 'additional-suffix', 'filter'],
}

/** Makes files whose names begin alike. */
function prefixed(names: readonly string[], usual: string, valued: string): Program {
  return call => {
    const [prefix = usual] = givenOptions(call.words, { valued, long: ['prefix', 'suffix-format', 'digits'] }).values(
      ...names,
    )
    writes(call, prefix === null ? null : `${prefix}00`)
    return null
  }
}

/** A program of awk's own language, which can write: only one without any sign of that is known to read. */
function coded(call: Call): Field {
  const { name, words, found } = call
  const { has, values, operands } = givenOptions(words, { valued: 'fFviE', long: ['include', 'file'] })
  if (values('i', 'include').includes('inplace'))
    for (const file of operands.slice(has('f', 'file', 'E') ? 0 : 1)) writes(call, file)
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
