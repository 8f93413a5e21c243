import { TOLD_LENGTH_MAX, writes, type Call, type Program } from './call.ts'
import { givenOptions, type OptionShape } from './options.ts'
import type { Field } from './state.ts'

/** Programs that start another one: how they read their options, and how many words they take themselves. */
const WRAPPERS: Readonly<
  Record<
    string,
    OptionShape & {
      readonly own?: number
      /** Options whose value it writes itself. */
      readonly outputs?: readonly string[]
      /** Its own first word is a file that it makes. */
      readonly isWritten?: true
    }
  >
> = {
  sudo: { valued: 'ugCDhpRrtTU', long: ['user', 'group', 'chdir'] },
  doas: { valued: 'uC' },
  nice: { valued: 'n', long: ['adjustment'] },
  nohup: {},
  setsid: {},
  stdbuf: { valued: 'ioe' },
  time: { valued: 'fo', long: ['output', 'format'], outputs: ['o', 'output'] },
  timeout: { valued: 'ks', long: ['kill-after', 'signal'], own: 1 },
  ionice: { valued: 'cnp' },
  chrt: { own: 1 },
  taskset: { own: 1 },
  unbuffer: {},
  caffeinate: { valued: 'tw' },
  strace: { valued: 'eo', outputs: ['o'] },
  flock: { valued: 'wEc', own: 1, isWritten: true },
  unshare: { long: ['wd', 'root'], valued: 'wRSG' },
  setarch: {},
  linux64: {},
  catchsegv: {},
  busybox: {},
  npx: { valued: 'p', long: ['package'] },
  bunx: {},
  watch: { valued: 'n', long: ['interval'] },
}

const SHELLS = ['bash', 'sh', 'dash', 'zsh', 'ksh']
const INTERPRETERS = [
  'python',
  'python2',
  'python3',
  'node',
  'deno',
  'bun',
  'php',
  'lua',
  'osascript',
  'tclsh',
  'Rscript',
  'make',
  'gmake',
  'just',
  'cmake',
  'ninja',
]

export const STARTERS: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(
    Object.entries(WRAPPERS).map(([name, shape]) => {
      const program: Program = call => {
        const { rest, values } = givenOptions(call.words, { ...shape, endsAtOperand: true })
        for (const output of values(...(shape.outputs ?? []))) writes(call, output)
        if (shape.isWritten === true) {
          const path = call.state.path(rest[0] ?? null)
          if (path !== null && call.look.kind(path) === 'none') writes(call, path)
        }
        return started(call, rest.slice(shape.own ?? 0))
      }
      return [name, program]
    }),
  ),
  env: call => {
    const { rest, values } = givenOptions(call.words, {
      valued: 'uCS',
      long: ['unset', 'chdir', 'split-string'],
      endsAtOperand: true,
    })
    const state = call.state.copy()
    const [folder] = values('C', 'chdir')
    if (folder !== undefined) state.folder = state.path(folder)
    const [line] = values('S', 'split-string')
    if (line !== undefined) return line === null ? null : call.run(line, { state })
    const begin = rest.findIndex(word => word === null || !word.includes('='))
    for (const word of rest.slice(0, Math.max(0, begin))) {
      const equals = word?.indexOf('=') ?? 0
      if (word !== null) state.set(word.slice(0, equals), word.slice(equals + 1))
    }
    return begin < 0 ? null : call.start(rest.slice(begin), { state })
  },
  ...Object.fromEntries(SHELLS.map(name => [name, shell])),
  ...Object.fromEntries(INTERPRETERS.map(name => [name, interpreter])),
}

function started(call: Call, words: readonly Field[]): Field {
  // In front of the program some take assignments too.
  const begin = words.findIndex(word => word === null || word.startsWith('-') || !word.includes('='))
  return begin < 0 ? null : call.start(words.slice(begin), { state: call.state.copy() })
}

/** `bash -c TEXT`, `bash FILE`, and a text on standard input. */
function shell(call: Call): Field {
  const { words, state, look, input } = call
  const { has, rest } = givenOptions(words, { valued: 'oO', long: ['rcfile', 'init-file'], endsAtOperand: true })
  if (has('n', 'version', 'help')) return null
  const inner = state.copy()
  inner.functions.clear()
  const [first, ...others] = rest
  if (has('c')) {
    inner.positional = others.slice(1)
    return first === undefined || first === null ? code(call) : call.run(first, { state: inner, input })
  }
  inner.positional = has('s') ? rest : others
  if (first === undefined || has('s')) return input === null ? code(call) : call.run(input, { state: inner })
  const path = state.path(first)
  const text = path === null ? null : path === '/dev/stdin' ? input : look.text(path)
  return text === null ? code(call) : call.run(text, { state: inner, input })
}

/** What only asks for a version runs no program. */
const ASKING: ReadonlySet<string> = new Set(['--version', '-V', '-v', '--help', '-h'])

function interpreter(call: Call): Field {
  const [only] = call.words
  if (call.words.length === 1 && only !== undefined && only !== null && ASKING.has(only)) return null
  return code(call)
}

function code({ name, words, found }: Call): Field {
  found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'code')
  return null
}
