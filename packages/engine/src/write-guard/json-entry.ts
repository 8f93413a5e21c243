import { InputError } from '../input-error.ts'
import { locate, type JsonItem, type JsonNode } from './json-text.ts'

/** An element of a list inside a JSON document. */
export interface JsonEntry {
  /** The keys that lead to the list. */
  readonly list: readonly string[]
  readonly entry: Readonly<Record<string, unknown>>
}

/**
 * Adds an entry at the end of its list, which is made when it is not there; every other byte stays. `null` stands for
 * no file. `withoutEntry` is its exact inverse: what it leaves of white space tells whether a container was made here
 * (none around its only item), was `{}` or `[]` (one space before it) or held white space (the same on both sides).
 *
 * @throws InputError when the text is no JSON object, or something other than lists and objects is in the way.
 */
export function withEntry(text: string | null, { list, entry }: JsonEntry): string {
  if (text === null) return freshText({ list, entry })
  let container = parse(text)
  for (const [depth, key] of list.entries()) {
    demand(container, 'object', list.slice(0, depth))
    const member = itemsOf(container).find(item => item.key === key)
    if (member === undefined)
      return insert(text, container, `${JSON.stringify(key)}: ${nested(list.slice(depth + 1), entry)}`)
    container = member.value
  }
  demand(container, 'array', list)
  return insert(text, container, JSON.stringify(entry))
}

/** Takes out the first entry that is `ours`, and what was made for it. `null`: nothing is left, remove the file. */
export function withoutEntry(
  text: string,
  list: readonly string[],
  isOurs: (entry: unknown) => boolean,
): { readonly found: boolean; readonly text: string | null } {
  const steps: Step[] = []
  let container: JsonNode = parse(text)
  for (const key of list) {
    const item = itemsOf(container).find(each => each.key === key)
    if (item === undefined) return { found: false, text }
    steps.push({ container, item })
    container = item.value
  }
  const item = itemsOf(container).find(({ value }) => isOurs(JSON.parse(text.slice(value.start, value.end))))
  if (item === undefined) return { found: false, text }
  const entry = JSON.parse(text.slice(item.value.start, item.value.end)) as Readonly<Record<string, unknown>>
  if (text === freshText({ list, entry })) return { found: true, text: null }
  return { found: true, text: cut(text, [...steps, { container, item }]) }
}

/** The elements of a list; none when it is not there. */
export function entriesOf(text: string, list: readonly string[]): readonly unknown[] {
  let container: JsonNode = parse(text)
  for (const key of list) {
    const item = itemsOf(container).find(each => each.key === key)
    if (item === undefined) return []
    container = item.value
  }
  return itemsOf(container).map(({ value }) => JSON.parse(text.slice(value.start, value.end)) as unknown)
}

interface Step {
  readonly container: JsonNode
  readonly item: JsonItem
}

function freshText({ list, entry }: JsonEntry): string {
  return `${JSON.stringify(JSON.parse(nested(list, entry)), null, 2)}\n`
}

function nested(list: readonly string[], entry: unknown): string {
  return list.reduceRight((inner, key) => `{${JSON.stringify(key)}: ${inner}}`, `[${JSON.stringify(entry)}]`)
}

function insert(text: string, container: JsonNode, item: string): string {
  const items = itemsOf(container)
  const last = items.at(-1)
  const at = last === undefined ? container.start + 1 : last.value.end
  if (last === undefined) {
    const space = text.slice(at, container.end - 1)
    return text.slice(0, at) + (space === '' ? ` ${item}` : `${space}${item}`) + text.slice(at)
  }
  // The white space before the last item is how this file sets its items apart.
  const before = items.at(-2)
  const lead =
    /\s*$/.exec(text.slice(before === undefined ? container.start + 1 : before.value.end, last.start))?.[0] ?? ''
  return `${text.slice(0, at)},${lead}${item}${text.slice(at)}`
}

function cut(text: string, steps: readonly Step[]): string {
  const step = steps.at(-1)
  if (step === undefined) return text
  const { container, item } = step
  const items = itemsOf(container)
  const place = items.indexOf(item)
  const previous = items[place - 1]
  const next = items[place + 1]
  const { end } = item.value
  if (previous !== undefined) return text.slice(0, previous.value.end) + text.slice(end)
  if (next !== undefined) return text.slice(0, item.start) + text.slice(next.start)
  const before = text.slice(container.start + 1, item.start)
  const after = text.slice(end, container.end - 1)
  const emptied = (space: string): string => text.slice(0, container.start + 1) + space + text.slice(container.end - 1)
  if (before === ' ' && after === '') return emptied('')
  if (before === after && before !== '') return emptied(before)
  return steps.length === 1 ? emptied('') : cut(text, steps.slice(0, -1))
}

function itemsOf(node: JsonNode): readonly JsonItem[] {
  return node.kind === 'value' ? [] : node.items
}

function parse(text: string): JsonNode {
  try {
    JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new InputError([{ path: '', message: `it holds no JSON: ${why}` }])
  }
  return locate(text)
}

function demand(node: JsonNode, kind: 'object' | 'array', place: readonly string[]): void {
  if (node.kind === kind) return
  throw new InputError([{ path: place.join('.'), message: `is no ${kind}` }])
}
