import { resolve } from 'node:path'
import { isFolder, type Call } from './call.ts'
import { givenOptions } from './options.ts'
import type { Field } from './state.ts'

/** What the shell does itself. */
export type Builtin = (call: Call) => Field

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  cd: call => changed(call, givenOptions(call.words).operands[0], { isBare: call.words.length === 0 }),
  pushd: call => {
    call.state.stack.push(call.state.folder)
    return changed(call, call.words[0] ?? null, { isBare: false })
  },
  popd: ({ state }) => {
    state.folder = state.stack.pop() ?? null
    return ''
  },
  export: declared,
  declare: declared,
  local: declared,
  typeset: declared,
  readonly: declared,
  unset: ({ words, state }) => {
    for (const word of words) if (word !== null) state.set(word, null)
    return ''
  },
  read: named,
  mapfile: named,
  readarray: named,
  getopts: named,
  shift: ({ words, state }) => {
    const count = Number(words[0] ?? '1')
    state.positional = Number.isInteger(count) ? state.positional.slice(count) : [null]
    return ''
  },
  set: ({ words, state }) => {
    const end = words.indexOf('--')
    if (end >= 0) state.positional = words.slice(end + 1)
    return ''
  },
  eval: call => {
    if (call.words.includes(null)) return untold(call)
    return call.run(call.words.join(' '), { state: call.state, input: call.input })
  },
  source: sourced,
  '.': sourced,
  trap: call => {
    const [code] = call.words
    if (code === undefined || code === '-' || code === '-l' || code === '-p') return ''
    return code === null ? untold(call) : (call.run(code, { state: call.state.copy() }), '')
  },
  exit: ended,
  return: ended,
  exec: call =>
    call.words.length === 0 ? '' : call.start(givenOptions(call.words, { valued: 'a', endsAtOperand: true }).rest),
  command: call => {
    const { has, rest } = givenOptions(call.words, { endsAtOperand: true })
    return has('v', 'V') ? null : call.start(rest)
  },
  builtin: call => call.start(call.words),
  pwd: ({ state }) => (state.folder === null ? null : `${state.folder}\n`),
  echo: ({ words }) => {
    const [first, ...others] = words
    const isBare = first === '-n'
    const told = isBare ? others : words
    if (told.includes(null) || first === '-e' || first === '-ne') return null
    return `${told.join(' ')}${isBare ? '' : '\n'}`
  },
  printf: ({ words: [format, ...values] }) => {
    if (format === undefined || format === null || values.includes(null)) return null
    return printed(
      format,
      values.filter(value => value !== null),
    )
  },
}

/** `%s` and line ends alone, again for each further value. */
function printed(format: string, values: readonly string[]): Field {
  const places = format.split('%s')
  const text = places.map(place => place.replaceAll('\\n', '\n'))
  if (text.some(place => place.includes('%') || place.includes('\\'))) return null
  const perRound = places.length - 1
  if (perRound === 0) return text[0] ?? ''
  let out = ''
  for (let at = 0; at === 0 || at < values.length; at += perRound) {
    out += text.map((place, index) => (index === 0 ? place : `${values[at + index - 1] ?? ''}${place}`)).join('')
  }
  return out
}

function changed({ state, look }: Call, word: Field | undefined, { isBare }: { readonly isBare: boolean }): Field {
  const before = state.folder
  const asked = isBare ? state.value('HOME') : word === '-' ? state.previousFolder : (word ?? null)
  const path = typeof asked === 'string' ? state.path(asked) : null
  state.previousFolder = before
  state.folder = path === null ? null : resolve(path)
  state.isFolderDoubtful = state.folder !== null && !isFolder({ state, look }, state.folder)
  return ''
}

function declared({ words, state }: Call): Field {
  for (const word of words) {
    const equals = word?.indexOf('=') ?? -1
    if (word !== null && equals > 0) state.set(word.slice(0, equals), word.slice(equals + 1))
  }
  return ''
}

/** What is read is not known. */
function named({ words, state }: Call): Field {
  for (const word of words) if (word !== null && !word.startsWith('-')) state.set(word, null)
  return ''
}

function sourced(call: Call): Field {
  const [file, ...others] = call.words
  const path = call.state.path(file ?? null)
  const text = path === null ? null : call.look.text(path)
  if (text === null) return untold(call)
  const outer = call.state.positional
  if (others.length > 0) call.state.positional = others
  const out = call.run(text, { state: call.state })
  call.state.positional = outer
  call.state.hasEnded = false
  return out
}

function ended({ state }: Call): Field {
  state.hasEnded = true
  return ''
}

function untold({ name, words, found }: Call): Field {
  found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_MAX), 'code')
  return null
}

const TOLD_MAX = 120
