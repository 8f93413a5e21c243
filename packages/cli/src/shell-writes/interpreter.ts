import { resolve } from 'node:path'
import {
  parse,
  type CommandNode,
  type CompoundList,
  type PipelineNode,
  type Redirection,
  type Script,
  type Statement,
  type Command,
  type While,
  type Word,
  type AndOr,
  type For,
} from 'unbash'
import { assignedNames } from './assigned-names.ts'
import { BUILTINS, type Builtin } from './builtins.ts'
import { quoted, TOLD_LENGTH_MAX, type Call } from './call.ts'
import { fieldsOf, textOf, textOfParts, type Expanding } from './expand.ts'
import type { Look } from './look.ts'
import { startProgram } from './programs.ts'
import type { Field, ShellState } from './state.ts'
import type { Gathered } from './writes.ts'

/** Commands that are looked at in one line. */
const STEPS_MAX = 5000

/** Lines that one loop goes through. */
const ROUNDS_MAX = 2000

/** Shells within shells, functions within functions. */
const DEPTH_MAX = 24

/** Longest output that is kept in mind. */
const OUTPUT_LENGTH_MAX = 64 * 1024

/** Goes through a script as a shell would, without running anything, and notes what is written. */
export class Interpreter {
  readonly #look: Look
  readonly #found: Gathered
  #steps = 0
  #depth = 0

  constructor(look: Look, found: Gathered) {
    // What a file will hold that the command itself has written is not what it holds now.
    this.#look = { ...look, text: file => (found.isTarget(resolve(file)) ? null : look.text(file)) }
    this.#found = found
  }

  /** Answers what the script prints; `null`: not known. */
  run(text: string, state: ShellState, input: Field = null): Field {
    const script = parse(text)
    if ((script.errors ?? []).length > 0) this.#found.unresolved(text.slice(0, TOLD_LENGTH_MAX), 'syntax')
    return this.#deeper(text, () => this.#statements(script.commands, state, input))
  }

  #deeper(what: string, walk: () => Field): Field {
    if (this.#depth >= DEPTH_MAX) {
      this.#found.unresolved(what.slice(0, TOLD_LENGTH_MAX), 'bound')
      return null
    }
    this.#depth += 1
    try {
      return walk()
    } finally {
      this.#depth -= 1
    }
  }

  #script(script: Script & { readonly errors?: readonly unknown[] | undefined }, state: ShellState): Field {
    if ((script.errors ?? []).length > 0) this.#found.unresolved('$(…)', 'syntax')
    return this.#deeper('$(…)', () => this.#statements(script.commands, state.copy(), null))
  }

  #statements(statements: readonly Statement[], state: ShellState, input: Field): Field {
    let printed: Field = ''
    for (const { command, background } of statements) {
      if (state.hasEnded) break
      const out = this.#either(command, background === true ? state.copy() : state, input)
      printed = joinedOutput(printed, out)
      if (state.isFolderDoubtful) {
        state.isFolderDoubtful = false
        state.folder = null
      }
    }
    return printed
  }

  #either(command: PipelineNode | AndOr, state: ShellState, input: Field): Field {
    if (command.type !== 'AndOr') return this.#pipeline(command, state, input)
    let printed: Field = ''
    for (const [place, part] of command.commands.entries()) {
      if (place === 0 || command.operators[place - 1] === '&&') {
        if (state.hasEnded) break
        printed = joinedOutput(printed, this.#pipeline(part, state, input))
        continue
      }
      // What stands behind `||` runs only if what is before has failed.
      const other = state.copy()
      other.hasEnded = false
      this.#pipeline(part, other, input)
      printed = null
      state.join([state.copy(), other])
    }
    return printed
  }

  #pipeline(node: PipelineNode, state: ShellState, input: Field): Field {
    if (node.type !== 'Pipeline') return this.#command(node, state, input)
    const [only] = node.commands
    if (node.commands.length === 1 && only !== undefined) return this.#command(only, state, input)
    let handed = input
    for (const part of node.commands) handed = this.#command(part, state.copy(), handed)
    return handed
  }

  #command(node: CommandNode, state: ShellState, input: Field): Field {
    this.#steps += 1
    if (this.#steps > STEPS_MAX) {
      this.#found.unresolved('…', 'bound')
      return null
    }
    switch (node.type) {
      case 'Command':
        return this.#simple(node, state, input)
      case 'Redirected': {
        const fed = this.#redirections(node.redirects, state, input)
        return this.#command(node.command, state, fed)
      }
      case 'BraceGroup':
        return this.#list(node.body, state, input)
      case 'Subshell':
        return this.#list(node.body, state.copy(), input)
      case 'If': {
        this.#list(node.clause, state, input)
        const ways = [node.then, ...node.elif.map(({ then }) => then)]
        for (const { clause } of node.elif) this.#list(clause, state, input)
        return this.#oneOf([...ways, ...(node.else === undefined ? [null] : [node.else])], state, input)
      }
      case 'Case':
        this.#word(node.word, state)
        return this.#oneOf([...node.items.map(({ body }) => body), null], state, input)
      case 'For':
        return this.#for(node, state, input)
      case 'Select':
      case 'ArithmeticFor':
        return this.#repeated([node.body], state)
      case 'While':
        return this.#while(node, state, input)
      case 'Function':
        state.functions.set(node.name.value, node)
        return ''
      case 'Coproc': {
        const { body } = node
        return body.type === 'CompoundList'
          ? this.#list(body, state.copy(), null)
          : this.#command(body, state.copy(), null)
      }
      case 'TestCommand':
      case 'ArithmeticCommand':
        return ''
    }
  }

  #list(list: CompoundList, state: ShellState, input: Field): Field {
    return this.#statements(list.commands, state, input)
  }

  /** One of several lists runs; `null`: perhaps none. */
  #oneOf(lists: readonly (CompoundList | null)[], state: ShellState, input: Field): Field {
    const ways = lists.map(list => {
      const way = state.copy()
      if (list !== null) this.#list(list, way, input)
      return way
    })
    state.join(ways)
    return null
  }

  #for({ name, wordlist, body }: For, state: ShellState, input: Field): Field {
    const words = wordlist?.flatMap(word => this.#word(word, state)) ?? state.positional
    let printed: Field = ''
    for (const word of words) {
      state.set(name.value, word)
      printed = joinedOutput(printed, this.#list(body, state, input))
      state.hasEnded = false
      // Each further round would find the same.
      if (word === null) break
    }
    return printed
  }

  /** `while read NAME` over lines that are known is a loop over them; of any other nobody knows how often it runs. */
  #while({ clause, body }: While, state: ShellState, input: Field): Field {
    const [only, ...others] = clause.commands
    const command = only?.command.type === 'Command' && others.length === 0 ? only.command : undefined
    const words = command?.args.map(word => (word.type === 'Word' ? word.value : '')) ?? []
    const names = words.filter(word => !word.startsWith('-'))
    const [name] = names
    if (command?.name?.value !== 'read' || input === null || name === undefined || names.length > 1) {
      return this.#repeated([clause, body], state)
    }
    const lines = input.split(words.includes('-d') || input.includes('\0') ? '\0' : '\n').filter(line => line !== '')
    for (const line of lines.slice(0, ROUNDS_MAX)) {
      state.set(name, line)
      this.#list(body, state, null)
      state.hasEnded = false
    }
    if (lines.length > ROUNDS_MAX) this.#found.unresolved('while read', 'bound')
    return null
  }

  /** Lists that run again and again: what they set differs from round to round. */
  #repeated(lists: readonly CompoundList[], state: ShellState): Field {
    const round = state.copy()
    for (const list of lists) for (const name of assignedNames(list)) round.set(name, null)
    for (const list of lists) this.#list(list, round, null)
    state.join([state.copy(), round])
    return null
  }

  #simple(command: Command, state: ShellState, input: Field): Field {
    const assigned: (readonly [string, Field | readonly Field[]])[] = []
    for (const piece of command.prefix) {
      if (piece.type !== 'Assignment') continue
      const value =
        piece.value.type === 'ArrayValue'
          ? piece.value.elements.flatMap(element => this.#word(element, state))
          : this.#text(piece.value, state)
      const before = piece.append === true ? state.value(piece.name) : ''
      const whole = typeof before === 'string' && typeof value === 'string' ? `${before}${value}` : value
      const isKnown = piece.index === undefined && (piece.append !== true || typeof before === typeof value)
      assigned.push([piece.name, isKnown ? whole : null])
    }
    const fed = this.#redirections(command.redirects, state, input)
    if (command.name === undefined) {
      for (const [name, value] of assigned) state.set(name, value)
      // `$(< FILE)` is what is in it.
      const [only, ...others] = command.redirects
      const isRead = only?.type === 'Redirect' && only.operator === '<' && others.length === 0
      return isRead && assigned.length === 0 ? fed : ''
    }
    const words = [command.name, ...command.args].flatMap(word =>
      word.type === 'Word'
        ? this.#word(word, state)
        : [word.value.type === 'Word' ? withName(word.name, this.#text(word.value, state)) : null],
    )
    const before = assigned.map(([name]) => [name, state.variables.get(name)] as const)
    for (const [name, value] of assigned) state.set(name, value)
    const printed = this.start(words, state, fed)
    for (const [name, value] of before) {
      if (value === undefined) state.variables.delete(name)
      else state.set(name, value)
    }
    // What goes to a file is not what the next one reads.
    return command.redirects.some(isOutput) ? null : printed
  }

  /** Starts a builtin, a function or a program. */
  start(words: readonly Field[], state: ShellState, input: Field): Field {
    const [name, ...others] = words
    if (name === undefined || name === '') return ''
    if (name === null) {
      this.#found.unresolved(
        words
          .map(word => word ?? '?')
          .join(' ')
          .slice(0, TOLD_LENGTH_MAX),
        'program',
      )
      return null
    }
    const alias = state.aliases.get(name)
    if (alias !== undefined) {
      const inner = state.copy()
      inner.aliases.delete(name)
      return this.run([alias, ...others.map(quoted)].join(' '), inner, input)
    }
    const body = state.functions.get(name)?.body
    if (body !== undefined) {
      const outer = state.positional
      state.positional = others
      const printed = this.#deeper(name, () =>
        body.type === 'CompoundList' ? this.#list(body, state, input) : this.#command(body, state, input),
      )
      state.positional = outer
      state.hasEnded = false
      return printed
    }
    const call: Call = {
      name,
      words: others,
      state,
      look: this.#look,
      input,
      found: this.#found,
      start: (inner, how = {}) =>
        this.#deeper(name, () => this.start(inner, how.state ?? state, how.input === undefined ? input : how.input)),
      run: (text, how) => this.run(text, how.state, how.input ?? null),
    }
    const builtin: Builtin | undefined = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined
    return builtin === undefined ? startProgram(call) : builtin(call)
  }

  #expanding(state: ShellState): Expanding {
    return { state, look: this.#look, output: script => this.#script(script, state) }
  }

  #word(word: Word, state: ShellState): readonly Field[] {
    return fieldsOf(word, this.#expanding(state))
  }

  #text(word: Word, state: ShellState): Field {
    return textOf(word, this.#expanding(state))
  }

  /** Notes what redirections write; answers what comes in by one of them. */
  #redirections(redirections: readonly Redirection[], state: ShellState, input: Field): Field {
    let fed = input
    for (const redirection of redirections) {
      if (redirection.type === 'HereDoc') {
        const { text, parts } = redirection.body
        fed = parts === undefined ? text : textOfParts(parts, this.#expanding(state))
        continue
      }
      const { target } = redirection
      if (target === undefined) continue
      if (redirection.type === 'HereString') {
        const text = this.#text(target, state)
        fed = text === null ? null : `${text}\n`
      } else if (redirection.operator === '<') {
        const path = state.path(this.#text(target, state))
        fed = path === null ? null : this.#look.text(path)
      } else if (isOutput(redirection)) this.#written(target, state, redirection.operator)
      else this.#word(target, state)
    }
    return fed
  }

  #written(target: Word, state: ShellState, operator: string): void {
    for (const field of this.#word(target, state)) {
      const path = state.path(field)
      if (path === null) this.#found.unresolved(`${operator} ${target.text}`.slice(0, TOLD_LENGTH_MAX), 'target')
      else this.#found.target({ path, extent: 'file', by: operator })
    }
  }
}

/** Whether it opens a file to write: `>&2` and `<&3` name descriptors. */
function isOutput(redirection: Redirection): boolean {
  if (redirection.type !== 'Redirect') return false
  const { operator, target } = redirection
  if (operator === '<' || operator === '<&') return false
  return (
    operator !== '>&' ||
    (target !== undefined && target.value !== '-' && !Number.isInteger(Number(target.value.replace(/-$/, ''))))
  )
}

function withName(name: string, value: Field): Field {
  return value === null ? null : `${name}=${value}`
}

function joinedOutput(before: Field, out: Field): Field {
  if (before === null || out === null || before.length + out.length > OUTPUT_LENGTH_MAX) return null
  return before + out
}
