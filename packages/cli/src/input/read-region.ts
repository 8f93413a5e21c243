import { regionProblemText, type Region, type RegionReader } from '@holdfast/core'
import { UsageError } from '../failure/usage-error.ts'

/** The region of these globs. Throws a `UsageError` that names `field` and each glob that cannot be read. */
export function readRegion(regions: RegionReader, globs: readonly string[], field: string): Region {
  const parsed = regions.read(globs)
  if (parsed.ok) return parsed.region
  const problems = parsed.problems.map(problem => `${field}.${problem.index}: ${regionProblemText(problem)}`)
  throw new UsageError(`${problems.join('; ')}.`)
}
