import { DOT, NUL, SLASH } from './unit-set.ts'

/**
 * Where in a segment a path stands: a region holds only paths whose segments are not empty, `.` or `..`, and that do not
 * end in a slash, without NUL. One leading slash may stand before them.
 */
export type PathShape = 0 | 1 | 2 | 3

export const SEGMENT_START: PathShape = 0
/** Inside a segment that is a name by now; only here may a path end. */
export const IN_NAME: PathShape = 3

/** The shape after one more unit, or undefined when no path goes on so. */
export const shapeAfter = (shape: PathShape, unit: number): PathShape | undefined => {
  if (unit === NUL) return undefined
  if (unit === SLASH) return shape === IN_NAME ? SEGMENT_START : undefined
  if (unit !== DOT || shape === 2) return IN_NAME
  return shape === SEGMENT_START ? 1 : shape === 1 ? 2 : IN_NAME
}

/** Whether `path` is one that regions speak of. */
export const isRegionPath = (path: string): boolean => {
  let shape: PathShape = SEGMENT_START
  for (let at = path.charCodeAt(0) === SLASH ? 1 : 0; at < path.length; at += 1) {
    const after = shapeAfter(shape, path.charCodeAt(at))
    if (after === undefined) return false
    shape = after
  }
  return shape === IN_NAME
}
