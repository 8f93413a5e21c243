/** The one key that readers of JSON drop in silence, because it would change the object itself. */
export const DROPPED_KEY = '__proto__'

/**
 * Where a document has that key, as `a.b.__proto__`; `null` when it has none. Whoever keeps a document refuses it there,
 * for a part of it would be missing later and nobody had been told. Total, for documents of any depth and with cycles.
 */
export function droppedKeyIn(document: unknown): string | null {
  const seen = new Set<object>()
  const open: { readonly value: unknown; readonly path: string }[] = [{ value: document, path: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    const at = (key: string): string => (path === '' ? key : `${path}.${key}`)
    if (Object.hasOwn(value, DROPPED_KEY)) return at(DROPPED_KEY)
    for (const [key, member] of Object.entries(value)) open.push({ value: member, path: at(key) })
  }
  return null
}
