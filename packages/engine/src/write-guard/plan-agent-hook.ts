import { resolve } from 'node:path'
import { InputError } from '../input-error.ts'
import { entriesOf, withEntry, withoutEntry } from './json-entry.ts'
import { textOf, type PlannedChange } from './planned-change.ts'
import type { HookShape } from './hook-shape.ts'

const PLAIN = 0o644

/**
 * Plans the guard's entry in an agent's settings.
 *
 * @throws InputError when the shape does not say where settings stand, or the file there is no such document.
 */
export function planAgentHook(
  root: string,
  options: {
    readonly name: string
    readonly shape: HookShape
    readonly command: string
    /** Words of the command that tell the guard's entry from others; more words follow. */
    readonly mark: string
    readonly remove: boolean
  },
): PlannedChange {
  const { name, shape, command, mark, remove } = options
  if (shape.source !== 'document' || shape.settings === undefined) {
    const message = `the hook ${JSON.stringify(name)} does not say where an agent's settings stand`
    throw new InputError([{ path: 'agent', message }])
  }
  const { list } = shape.settings
  const file = resolve(root, shape.settings.file)
  const entry = filledIn(shape.settings.entry, command)
  const isOurs = (other: unknown): boolean => JSON.stringify(other).includes(`${JSON.stringify(mark).slice(1, -1)} `)
  const before = textOf(file)
  const about = { file, before, newMode: PLAIN, text: JSON.stringify(entry) }
  try {
    if (before === null) {
      const notes = remove ? ['the guard is not in it'] : []
      return { ...about, after: remove ? null : withEntry(null, { list, entry }), notes }
    }
    const there = entriesOf(before, list).filter(isOurs)
    if (!remove && there.length === 1 && JSON.stringify(there[0]) === JSON.stringify(entry)) {
      return { ...about, after: before, notes: ['it is there already'] }
    }
    const { found, text } = withoutEntry(before, list, isOurs)
    if (remove) return { ...about, after: text, notes: found ? [] : ['the guard is not in it'] }
    return { ...about, after: withEntry(text, { list, entry }), notes: found ? ['it replaces an older entry'] : [] }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const faults = error.faults.map(({ path, message }) => ({ path: file, message: `${path} ${message}`.trim() }))
    throw new InputError(faults)
  }
}

function filledIn(template: Readonly<Record<string, unknown>>, command: string): Readonly<Record<string, unknown>> {
  const inside = JSON.stringify(command).slice(1, -1)
  const filled: unknown = JSON.parse(JSON.stringify(template).replaceAll('{command}', () => inside))
  return typeof filled === 'object' && filled !== null ? { ...filled } : {}
}
