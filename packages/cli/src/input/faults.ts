import { faultSentence, faultText } from '@holdfast/core/internal'
import type { z } from 'zod'

/** Faults that one sentence names. */
const NAMED_MAX = 3

/** What is wrong with an input, as one sentence with its fields. */
export function firstFaults(error: z.core.$ZodError): string {
  return faultsOf(error, NAMED_MAX)
}

/** The same with every fault: for a file that is mended by hand. */
export function allFaults(error: z.core.$ZodError): string {
  return faultsOf(error, Number.POSITIVE_INFINITY)
}

function faultsOf({ issues }: z.core.$ZodError, max: number): string {
  const named = issues.slice(0, max).map(issue => faultSentence(issue.path.join('.'), faultText(issue)))
  const more = issues.length - named.length
  return `${named.join('; ')}${more === 0 ? '' : `; and ${more} more`}.`
}
