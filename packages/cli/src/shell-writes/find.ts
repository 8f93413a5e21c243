import { TOLD_LENGTH_MAX, unknownTarget, writes, type Call, type Program } from './call.ts'
import { filesBelow } from './files-below.ts'
import { matchesText } from './match-name.ts'
import { givenOptions } from './options.ts'
import type { Field } from './state.ts'

/** Files that one search goes through. */
const FILES_MAX = 20_000

/** Found names that are handed on. */
const FOUND_MAX = 2000

/** Arguments that one program is started with, all at once. */
const BATCH_MAX = 2000

/** Programs that find names, and those that start others with them. */
export const FINDING: Readonly<Record<string, Program>> = {
  find,
  xargs: call => {
    const shape = {
      valued: 'adEILnPs',
      attached: 'el',
      endsAtOperand: true,
      long: ['max-args', 'max-procs', 'delimiter', 'arg-file', 'replace'],
    }
    const { values, rest, has } = givenOptions(call.words, shape)
    const program = rest.length === 0 ? ['echo'] : rest
    const [list] = values('a', 'arg-file')
    const path = list === undefined ? null : call.state.path(list)
    const input = list === undefined ? call.input : path === null ? null : call.look.text(path)
    if (input === null) {
      // What the program does with no names is known, and that it will have some is too.
      call.start([...program, null], { input: null })
      return null
    }
    const [mark] = values('I', 'replace')
    const isByLine = mark !== undefined || values('d', 'delimiter')[0] === '\\n'
    const items = has('0', 'null') ? input.split('\0') : isByLine ? input.split('\n') : words(input)
    const given = items.filter(item => item !== '').slice(0, BATCH_MAX)
    if (mark === undefined) return call.start([...program, ...given], { input: null })
    for (const item of given) {
      const put = program.map(word => (word === null || mark === null ? null : word.replaceAll(mark, () => item)))
      call.start(put, { input: null })
    }
    return null
  },
  ls: ({ words, state, look }) => {
    const { operands, has } = givenOptions(words, { valued: 'I' })
    if (has('l', 'R', 'a', 'A', 'F', 'p') || operands.includes(null)) return null
    const named = operands.filter(operand => operand !== null)
    const lines = (named.length === 0 ? ['.'] : named).flatMap(name => {
      const path = state.path(name)
      if (path === null || look.kind(path) !== 'folder') return [name]
      return has('d') ? [name] : (look.names(path) ?? []).filter(inner => !inner.startsWith('.'))
    })
    return lines.map(line => `${line}\n`).join('')
  },
}

/** What xargs takes for words where nothing else is said; quotes are left in, which then match no file. */
function words(text: string): readonly string[] {
  return text.split('\n').flatMap(line => line.split(' ').flatMap(word => word.split('\t')))
}

/** What is found is a superset: a test that is not read here counts as passed. */
function find(call: Call): Field {
  const { state, look } = call
  const given = withoutLead(call.words)
  const begin = given.findIndex(word => word !== null && (word.startsWith('-') || word === '(' || word === '!'))
  const tests = begin < 0 ? [] : given.slice(begin)
  const tops = begin < 0 ? given : given.slice(0, begin)
  const wish = read(tests)
  if (wish === null || tops.includes(null)) {
    if (tests.some(word => word === null || ACTIONS.has(word))) unknownTarget(call)
    return null
  }
  const found: string[] = []
  let isWhole = true
  for (const top of tops.length === 0 ? ['.'] : tops) {
    const path = state.path(top)
    if (top === null || path === null) return null
    const below = filesBelow(path, look, FILES_MAX)
    isWhole &&= below.isWhole
    for (const file of below.paths) if (isFound(file, `${top}/${file}`, wish)) found.push(`${top}/${file}`)
    if (look.kind(path) === 'file') found.push(top)
  }
  const acts = wish.deletes || wish.programs.length > 0
  if (acts && (!isWhole || found.length > FOUND_MAX))
    call.found.unresolved(`find ${given.join(' ')}`.slice(0, TOLD_LENGTH_MAX), 'bound')
  const kept = found.slice(0, FOUND_MAX)
  if (wish.deletes) for (const path of kept) writes(call, path)
  for (const { words: program, isBatch } of wish.programs) {
    if (isBatch)
      call.start(
        program.flatMap(word => (word === '{}' ? kept : [word])),
        { input: null },
      )
    else
      for (const path of kept)
        call.start(
          program.map(word => word?.replaceAll('{}', () => path) ?? null),
          { input: null },
        )
  }
  for (const output of wish.outputs) writes(call, output)
  // With a test that is not read here, what it prints is not known.
  return isWhole && wish.isExact ? kept.map(path => `${path}${wish.isNull ? '\0' : '\n'}`).join('') : null
}

/** Links are followed or not, before the first name. */
function withoutLead(words: readonly Field[]): readonly Field[] {
  const begin = words.findIndex(word => word === null || !['-H', '-L', '-P'].includes(word))
  return begin < 0 ? [] : words.slice(begin)
}

interface Wish {
  readonly names: readonly string[]
  readonly paths: readonly string[]
  readonly deletes: boolean
  readonly programs: readonly { readonly words: readonly Field[]; readonly isBatch: boolean }[]
  readonly outputs: readonly Field[]
  readonly isExact: boolean
  readonly isNull: boolean
}

const ACTIONS: ReadonlySet<string> = new Set(['-delete', '-exec', '-execdir', '-ok', '-okdir'])

/** Names and paths are read where they are all asked for together; anything else counts as passed. */
function read(tests: readonly Field[]): Wish | null {
  const wish = {
    names: [] as string[],
    paths: [] as string[],
    deletes: false,
    programs: [] as { words: Field[]; isBatch: boolean }[],
    outputs: [] as Field[],
    isExact: true,
    isNull: false,
  }
  let isPlain = true
  for (let place = 0; place < tests.length; place += 1) {
    const test = tests[place] ?? null
    const value = tests[place + 1] ?? null
    if (test === null) return null
    if (test === '-delete') wish.deletes = true
    else if (test === '-exec' || test === '-execdir' || test === '-ok' || test === '-okdir') {
      const end = tests.findIndex((word, index) => index > place && (word === ';' || word === '+'))
      if (end < 0) return null
      wish.programs.push({ words: tests.slice(place + 1, end), isBatch: tests[end] === '+' })
      place = end
    } else if (test === '-name' || test === '-path' || test === '-wholename') {
      if (value === null) return null
      ;(test === '-name' ? wish.names : wish.paths).push(value)
      place += 1
    } else if (test === '-type' || test === '-maxdepth' || test === '-mindepth') {
      if (test !== '-type' || value !== 'f') wish.isExact = false
      place += 1
    } else if (test === '-fprint' || test === '-fprint0' || test === '-fprintf' || test === '-fls') {
      wish.outputs.push(value)
      place += 1
    } else if (test === '-print0') wish.isNull = true
    else if (test === '-o' || test === '-or' || test === '!' || test === '-not' || test === '-prune') {
      isPlain = false
    } else if (test !== '-print' && test !== '-a' && test !== '(' && test !== ')') wish.isExact = false
  }
  return isPlain ? wish : { ...wish, names: [], paths: [], isExact: false }
}

function isFound(file: string, path: string, { names, paths }: Wish): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return names.every(pattern => matchesText(name, pattern)) && paths.every(pattern => matchesText(path, pattern))
}
