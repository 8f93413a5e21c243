/** All values at a place of a document; what is absent is left out. JSON that stands there as text is gone into. */
export function valuesAt(document: unknown, place: string): readonly unknown[] {
  return place.split('.').reduce<readonly unknown[]>(
    (values, step) => {
      const list = step.endsWith('[]')
      const name = list ? step.slice(0, -2) : step
      const next = values.flatMap(value => memberOf(value, name))
      return list ? next.flatMap(value => (Array.isArray(value) ? (value as readonly unknown[]) : [])) : next
    },
    [document],
  )
}

/** The first value at the first of the places where there is one. */
export function firstAt(document: unknown, places: readonly string[]): unknown {
  for (const place of places) {
    const [value] = valuesAt(document, place)
    if (value !== undefined) return value
  }
  return undefined
}

function memberOf(given: unknown, name: string): readonly unknown[] {
  const value = typeof given === 'string' ? objectIn(given) : given
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return []
  const member: unknown = Reflect.get(value, name)
  return member === undefined || member === null ? [] : [member]
}

/** Some agents hand on the arguments of a tool as the text that the model wrote. */
function objectIn(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return null
  }
}
