/** What a law answers: it holds, or the first place at which it does not. */
export type Comparison =
  | { readonly equal: true }
  | { readonly equal: false; readonly path: string; readonly expected: unknown; readonly actual: unknown }

export const EQUAL: Comparison = { equal: true }

export function different(path: string, expected: unknown, actual: unknown): Comparison {
  return { equal: false, path, expected, actual }
}

/** Compares plain data (JSON and `undefined`) by value; an absent field and an `undefined` one are the same. */
export function compare(expected: unknown, actual: unknown, path = '$'): Comparison {
  if (Object.is(expected, actual)) return EQUAL
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, path)
  if (isRecord(expected) && isRecord(actual)) return compareRecords(expected, actual, path)
  return different(path, expected, actual)
}

function compareLists(expected: readonly unknown[], actual: readonly unknown[], path: string): Comparison {
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const answer = compare(expected[index], actual[index], `${path}[${index}]`)
    if (!answer.equal) return answer
  }
  return EQUAL
}

function compareRecords(expected: Fields, actual: Fields, path: string): Comparison {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const answer = compare(own(expected, key), own(actual, key), `${path}.${key}`)
    if (!answer.equal) return answer
  }
  return EQUAL
}

type Fields = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}
