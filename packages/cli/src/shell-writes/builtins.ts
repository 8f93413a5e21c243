import { resolve } from 'node:path'
import { isFolder, writes, type Call } from './call.ts'
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
  declare: referring,
  local: referring,
  typeset: referring,
  readonly: declared,
  unset: ({ words, state }) => {
    for (const word of words) if (word !== null) state.set(word, null)
    return ''
  },
  read: call => {
    const { input, words, state } = call
    const { operands } = givenOptions(words, { valued: 'adinNptu' })
    const [name] = operands
    // One name takes the first line; of several, or with options, what each takes is not told here.
    if (input === null || name === undefined || name === null || words.some(word => word !== name && word !== '-r'))
      return named(call)
    state.set(name, (input.split('\n')[0] ?? '').trim())
    return ''
  },
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
    const begin =
      end >= 0 ? end + 1 : words.findIndex(word => word === null || !(word.startsWith('-') || word.startsWith('+')))
    // `-o` and its like take a word that is none of them.
    if (begin > 0 && end < 0) state.positional = [null]
    else if (begin >= 0 && words.length > 0) state.positional = words.slice(begin)
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
  alias: ({ words, state }) => {
    for (const word of words) {
      const equals = word?.indexOf('=') ?? -1
      if (word !== null && equals > 0) state.aliases.set(word.slice(0, equals), word.slice(equals + 1))
    }
    return ''
  },
  unalias: ({ words, state }) => {
    for (const word of words) if (word !== null) state.aliases.delete(word)
    return ''
  },
  history: call => {
    const { has, operands } = givenOptions(call.words)
    if (has('w', 'a')) for (const file of operands) writes(call, file)
    return null
  },
  printf: ({ words, state }) => {
    const [option, name] = words
    const isStored = option?.startsWith('-v') === true
    const [format, ...values] = isStored ? words.slice(option === '-v' ? 2 : 1) : words
    if (isStored) {
      const variable = option === '-v' ? name : option.slice(2)
      const known =
        format === undefined || format === null || values.includes(null)
          ? null
          : printed(
              format,
              values.filter(value => value !== null),
            )
      if (variable !== undefined && variable !== null) state.set(variable, known)
      return ''
    }
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

/** A name for another name: what it stands for is not followed. */
function referring(call: Call): Field {
  if (!call.words.some(word => word !== null && word.startsWith('-') && !word.startsWith('--') && word.includes('n')))
    return declared(call)
  for (const word of call.words) {
    const [name = ''] = word?.split('=') ?? []
    if (!name.startsWith('-') && name !== '') call.state.set(name, null)
  }
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
  const text = path === null ? null : path === '/dev/stdin' ? call.input : call.look.text(path)
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
