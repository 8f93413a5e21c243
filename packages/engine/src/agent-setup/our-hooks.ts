import type { JsoncText } from './jsonc-text.ts'

export interface OurHook {
  readonly list: readonly string[]
  readonly index: number
  readonly element: unknown
  /** In a group with commands of others, where it stands in there. */
  readonly inner: readonly (string | number)[]
}

/** Our hooks, in whatever event they stand. */
export function ourHooks(json: JsoncText, marks: ReadonlySet<string>): readonly OurHook[] {
  const hooks = json.valueAt(['hooks'])
  if (marks.size === 0 || typeof hooks !== 'object' || hooks === null) return []
  return Object.entries(hooks).flatMap(([event, elements]) => {
    if (!Array.isArray(elements)) return []
    const list = ['hooks', event]
    return elements.flatMap((element: unknown, index) => {
      const inner = handlersOf(element)
      if (inner === null) return isMarked(element, marks) ? [{ list, index, element, inner: [] }] : []
      const ours = inner.flatMap((handler, place) => (isMarked(handler, marks) ? [place] : []))
      if (ours.length === 0) return []
      if (ours.length === inner.length) return [{ list, index, element, inner: [] }]
      return ours.map(place => ({ list, index, element: inner[place], inner: ['hooks', place] }))
    })
  })
}

function handlersOf(element: unknown): readonly unknown[] | null {
  if (typeof element !== 'object' || element === null || !('hooks' in element)) return null
  return Array.isArray(element.hooks) ? element.hooks : null
}

function isMarked(handler: unknown, marks: ReadonlySet<string>): boolean {
  if (typeof handler !== 'object' || handler === null || !('command' in handler)) return false
  const { command } = handler
  return typeof command === 'string' && [...marks].some(mark => `${command} `.includes(`${mark} `))
}
