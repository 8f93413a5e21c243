import { isAbsolute, resolve } from 'node:path'
import type { Function as ShellFunction } from 'unbash'

/** One word after all expansions; `null`: nobody can tell what it will be. */
export type Field = string | null

/** A variable: a text, or the elements of an array; `null`: not known. */
export type Value = string | null | readonly Field[]

/** What the commands before have left behind: the folder, the variables, the functions. Copied for a subshell. */
export class ShellState {
  /** `null`: not known. */
  folder: Field
  previousFolder: Field = null
  /** Whether the last `cd` went to a folder that is not there yet: it may have failed. */
  isFolderDoubtful = false
  readonly stack: Field[] = []
  /** After `exit` or `return`, nothing that follows is run. */
  hasEnded = false
  positional: readonly Field[] = []
  readonly variables: Map<string, Value>
  readonly functions: Map<string, ShellFunction>
  readonly aliases: Map<string, string>
  /** Symbolic links that the command itself has made, with what they lead to. */
  readonly links: Map<string, string>
  /** Folders that the command itself has made. */
  readonly made: Set<string>
  readonly #environment: Readonly<Record<string, string | undefined>>

  constructor(folder: Field, environment: Readonly<Record<string, string | undefined>>, from?: ShellState) {
    this.folder = folder
    this.#environment = environment
    this.variables = new Map(from?.variables)
    this.functions = new Map(from?.functions)
    this.aliases = new Map(from?.aliases)
    this.links = new Map(from?.links)
    this.made = new Set(from?.made)
  }

  copy(): ShellState {
    const copied = new ShellState(this.folder, this.#environment, this)
    copied.previousFolder = this.previousFolder
    copied.isFolderDoubtful = this.isFolderDoubtful
    copied.stack.push(...this.stack)
    copied.positional = this.positional
    copied.hasEnded = this.hasEnded
    return copied
  }

  /** A variable that nobody has set here and that is not in the environment may be set where the command runs. */
  value(name: string): Value {
    if (name === 'PWD') return this.folder
    if (name === 'OLDPWD') return this.previousFolder
    const own = this.variables.get(name)
    if (own !== undefined) return own
    return (Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined) ?? null
  }

  set(name: string, value: Value): void {
    this.variables.set(name, value)
  }

  /** Goes on after a piece that may have run or not, or in one of several ways: what they leave differently is not known. */
  join(ways: readonly ShellState[]): void {
    const open = ways.filter(way => !way.hasEnded)
    const [first] = open
    if (first === undefined) {
      this.hasEnded = ways.length > 0
      return
    }
    const names = new Set(open.flatMap(way => [...way.variables.keys()]))
    for (const name of names) {
      const [value, ...others] = open.map(way => way.value(name))
      this.variables.set(name, others.every(other => isSame(other, value)) ? (value ?? null) : null)
    }
    this.folder = open.every(({ folder }) => folder === first.folder) ? first.folder : null
    for (const way of open) {
      for (const [name, body] of way.functions) this.functions.set(name, body)
      for (const [name, text] of way.aliases) this.aliases.set(name, text)
      for (const [link, target] of way.links) this.links.set(link, target)
      for (const folder of way.made) this.made.add(folder)
    }
  }

  /** The absolute path of a word; `null`: not known. Not shortened. */
  path(word: Field): string | null {
    if (word === null || word === '' || word.includes('\0')) return null
    const path = isAbsolute(word) ? word : this.folder === null ? null : `${this.folder}/${word}`
    return path === null ? null : this.#throughLinks(path)
  }

  #throughLinks(path: string): string {
    if (this.links.size === 0) return path
    const plain = resolve(path)
    for (const [link, target] of this.links) {
      if (plain === link) return target
      if (plain.startsWith(`${link}/`)) return `${target}${plain.slice(link.length)}`
    }
    return path
  }
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
