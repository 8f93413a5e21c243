import type { z } from 'zod'

/** Faults that one sentence names. */
const NAMED_MAX = 3

/** What is wrong with an input, as one sentence with its fields. */
export function firstFaults({ issues }: z.core.$ZodError): string {
  const named = issues.slice(0, NAMED_MAX).map(({ path, message }) => {
    const field = path.join('.')
    return field === '' ? message : `${field}: ${message}`
  })
  const more = issues.length - named.length
  return `${named.join('; ')}${more === 0 ? '' : `; and ${more} more`}.`
}
