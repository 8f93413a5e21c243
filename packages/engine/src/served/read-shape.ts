import { StoreError } from '@holdfast/store'
import type { Shape } from '@holdfast/core/internal'

/** Reads a part of an answer. A server that answers otherwise may have done what was asked for. */
export function readBy<T>(shape: Shape<T>, given: unknown): T {
  const read = shape.safeParse(given)
  if (read.success) return read.data
  throw new StoreError(
    'timeout-unknown-outcome',
    'The server answered with something else than was asked for. Read back.',
  )
}
