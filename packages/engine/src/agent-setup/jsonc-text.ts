import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { InputError } from '../input-error.ts'

/** One replacement in a text; positions are UTF-16 offsets. */
export interface TextEdit {
  readonly at: number
  readonly length: number
  readonly text: string
}

const BOM = '\uFEFF'

/**
 * A JSON text with comments, and the edits that were made of it. Each edit changes one place and keeps every other byte:
 * comments, order, indentation, line ends, and the mark of byte order at the beginning.
 */
export class JsoncText {
  #text: string
  readonly #edits: TextEdit[] = []

  /** @throws InputError with the line, for a text that is no JSON object. */
  constructor(text: string) {
    this.#text = text
    if (!this.isBlank) this.#root()
  }

  get text(): string {
    return this.#text
  }

  /** The edits that lead back, in their order. */
  get undo(): readonly TextEdit[] {
    return this.#edits.toReversed()
  }

  get isBlank(): boolean {
    return this.#text.replace(BOM, '').trim() === ''
  }

  /** The value at a place; `undefined`: nothing is there. */
  valueAt(path: readonly string[]): unknown {
    if (this.isBlank) return undefined
    const node = path.length === 0 ? this.#root() : this.#at(path)
    return node === undefined ? undefined : valueOf(node)
  }

  /** The elements of a list, or nothing. @throws InputError where something else is in the place of the list. */
  elementsAt(path: readonly string[]): readonly unknown[] {
    const value = this.valueAt(path)
    if (value === undefined) return []
    if (!Array.isArray(value)) throw misplaced(path, 'list')
    return value
  }

  /** Sets a member of an object; the objects above it are made where they are not there. */
  set(path: readonly string[], value: unknown): void {
    const node = this.isBlank ? undefined : this.#at(path)
    if (node !== undefined)
      return this.#replace(node.offset, node.length, this.#printed(value, this.#indentOf(node.offset), '', 0))
    this.#insertAt(path, value)
  }

  /** Adds an element at the end of a list, which is made where it is not there. */
  append(path: readonly string[], element: unknown): void {
    const list = this.isBlank ? undefined : this.#at(path)
    if (list === undefined) return this.#insertAt(path, [element])
    if (list.type !== 'array') throw misplaced(path, 'list')
    this.#insert(list, null, element, 0)
  }

  /** Takes out a member or element, and what it leaves empty above it. */
  remove(path: readonly (string | number)[]): void {
    const found = this.#at(path)
    const item = found?.parent?.type === 'property' ? found.parent : found
    const container = item?.parent
    if (item === undefined || container === undefined) return
    this.#cut(container, item)
    const above = path.slice(0, -1)
    if (above.length > 0 && this.#isBare(above)) this.remove(above)
  }

  /** Whether a container holds nothing, not even a comment. */
  #isBare(path: readonly (string | number)[]): boolean {
    const node = this.#at(path)
    if (node === undefined || (node.children ?? []).length > 0) return false
    const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined
    const start = key === undefined ? node.offset : key.offset + key.length
    return !this.#text.slice(start, node.offset + node.length).includes('/')
  }

  #root(): Node {
    const errors: ParseError[] = []
    const start = this.#text.startsWith(BOM) ? 1 : 0
    // A blank in its place keeps all positions.
    const text = start === 0 ? this.#text : ` ${this.#text.slice(1)}`
    const root = parseTree(text, errors, { allowTrailingComma: true })
    const [error] = errors
    if (error !== undefined) throw torn(this.#text, error)
    if (root?.type !== 'object') throw misplaced([], 'object')
    return root
  }

  #at(path: readonly (string | number)[]): Node | undefined {
    let node: Node = this.#root()
    for (const [depth, key] of path.entries()) {
      if (typeof key === 'number') {
        const element = node.children?.[key]
        if (element === undefined) return undefined
        node = element
        continue
      }
      if (node.type !== 'object') throw misplaced(path.slice(0, depth), 'object')
      // Of keys that are there twice, readers take the last one.
      const property = node.children?.findLast(({ children }) => children?.[0]?.value === key)
      const value = property?.children?.[1]
      if (value === undefined) return undefined
      node = value
    }
    return node
  }

  #insertAt(path: readonly string[], value: unknown): void {
    if (this.isBlank) {
      const fresh = `${printed(nested(path, value), { unit: '  ', column: 0, broken: path.length })}\n`
      return this.#replace(this.#text.startsWith(BOM) ? 1 : 0, this.#text.replace(BOM, '').length, fresh)
    }
    let depth = path.length - 1
    while (depth > 0 && this.#at(path.slice(0, depth)) === undefined) depth -= 1
    const above = path.slice(0, depth)
    const container = this.#at(above)
    if (container?.type !== 'object') throw misplaced(above, 'object')
    const rest = path.slice(depth + 1)
    this.#insert(container, path[depth] ?? '', nested(rest, value), rest.length)
  }

  #insert(container: Node, key: string | null, value: unknown, broken: number): void {
    const name = key === null ? '' : `${JSON.stringify(key)}: `
    const own = this.#indentOf(container.offset)
    const last = container.children?.at(-1)
    if (last === undefined) {
      const start = container.offset + 1
      const inside = this.#text.slice(start, container.offset + container.length - 1)
      const indent = own + this.#unit()
      const item = `${this.#eol}${indent}${this.#printed(value, indent, name, broken)}`
      const isSpace = inside.trim() === ''
      return this.#replace(start, isSpace ? inside.length : 0, isSpace ? `${item}${this.#eol}${own}` : item)
    }
    const end = last.offset + last.length
    const comma = this.#next(end)
    const hasComma = this.#text[comma] === ','
    const isOnOwnLine = this.#text.slice(this.#lineStart(last.offset), last.offset).trim() === ''
    if (!isOnOwnLine) {
      const text = `${hasComma ? '' : ','} ${name}${inline(value)}`
      return this.#replace(hasComma ? comma + 1 : end, 0, text)
    }
    const indent = this.#indentOf(last.offset)
    const item = `${this.#eol}${indent}${this.#printed(value, indent, name, broken)}`
    this.#replace(this.#restOfLine(hasComma ? comma + 1 : end), 0, item)
    if (!hasComma) this.#replace(end, 0, ',')
  }

  #cut(container: Node, item: Node): void {
    const items = container.children ?? []
    const previous = items[items.indexOf(item) - 1]
    let end = item.offset + item.length
    const comma = this.#next(end)
    const hasComma = this.#text[comma] === ','
    // A comment between the two stays.
    if (hasComma && this.#text.slice(end, comma).includes('/')) this.#replace(comma, 1, '')
    else if (hasComma) end = comma + 1
    const lead = /\s*$/.exec(this.#text.slice(0, item.offset))?.[0] ?? ''
    const isLineEnd = /^[ \t]*(?:\r?\n|$)/.test(this.#text.slice(end))
    // A line comment before it must not swallow what follows on the same line.
    const start = isLineEnd || !lead.includes('\n') ? item.offset - lead.length : item.offset
    this.#replace(start, end - start, '')
    if (hasComma || previous === undefined) return
    const before = this.#next(previous.offset + previous.length)
    if (this.#text[before] === ',') this.#replace(before, 1, '')
  }

  #replace(at: number, length: number, text: string): void {
    const cut = this.#text.slice(at, at + length)
    this.#text = this.#text.slice(0, at) + text + this.#text.slice(at + length)
    this.#edits.push({ at, length: text.length, text: cut })
  }

  /** Where the next character stands that is neither white space nor comment. */
  #next(from: number): number {
    const trivia = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y
    trivia.lastIndex = from
    return from + (trivia.exec(this.#text)?.[0].length ?? 0)
  }

  /** Behind the comments that stand on the same line. */
  #restOfLine(from: number): number {
    const rest = /(?:[ \t]*\/\*[^\n]*?\*\/)*(?:[ \t]*\/\/[^\r\n]*)?/y
    rest.lastIndex = from
    return from + (rest.exec(this.#text)?.[0].length ?? 0)
  }

  #lineStart(offset: number): number {
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1
    return start === 0 && this.#text.startsWith(BOM) ? 1 : start
  }

  #indentOf(offset: number): string {
    return /^[ \t]*/.exec(this.#text.slice(this.#lineStart(offset)))?.[0] ?? ''
  }

  /** What one level is set in by, as the first line that is set in has it. */
  #unit(): string {
    return /\n([ \t]+)\S/.exec(this.#text)?.[1] ?? '  '
  }

  get #eol(): string {
    return this.#text.includes('\r\n') ? '\r\n' : '\n'
  }

  #printed(value: unknown, indent: string, name: string, broken: number): string {
    const layout = { unit: this.#unit(), column: indent.length + name.length, broken }
    return `${name}${printed(value, layout).replaceAll('\n', `${this.#eol}${indent}`)}`
  }
}

/** What fits into this stands on one line. */
const LINE_LENGTH_MAX = 120

interface Layout {
  /** One level of indentation. */
  readonly unit: string
  /** Columns that stand before the value on its line. */
  readonly column: number
  /** So many levels stand on lines of their own in any case: they were made for what is in them, and more may come. */
  readonly broken: number
}

/** A value as people write it: what fits on a line stands on one. */
function printed(value: unknown, { unit, column, broken }: Layout): string {
  const line = inline(value)
  if (broken <= 0 && column + line.length <= LINE_LENGTH_MAX) return line
  const inner = (item: unknown, name = ''): string => {
    const layout = { unit, column: column + unit.length + name.length, broken: broken - 1 }
    return `${unit}${name}${printed(item, layout).replaceAll('\n', `\n${unit}`)}`
  }
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[\n${value.map(item => inner(item)).join(',\n')}\n]`
  if (typeof value !== 'object' || value === null) return line
  const members = Object.entries(value).map(([key, item]) => inner(item, `${JSON.stringify(key)}: `))
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** Goes back by edits, in their order. */
export function undone(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce((now, { at, length, text: cut }) => now.slice(0, at) + cut + now.slice(at + length), text)
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
}

/** The value of a node, by the text's own rules: of keys that are there twice the last one counts. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf)
  if (node.type !== 'object') return node.value
  const entries = (node.children ?? []).flatMap(({ children }) => {
    const [key, value] = children ?? []
    return key === undefined || value === undefined ? [] : [[String(key.value), valueOf(value)] as const]
  })
  return Object.fromEntries(entries)
}

function torn(text: string, { error, offset }: ParseError): InputError {
  const lines = text.slice(0, offset).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  const message = `it holds no JSON: line ${lines.length}, column ${column} (${printParseErrorCode(error)}); mend it first`
  return new InputError([{ path: '', message }])
}

function misplaced(path: readonly (string | number)[], wanted: 'object' | 'list'): InputError {
  return new InputError([{ path: path.join('.'), message: `is no ${wanted}` }])
}
