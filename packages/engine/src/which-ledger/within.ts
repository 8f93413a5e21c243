import { relative, sep } from 'node:path'

/**
 * A place relative to a folder, with `/` between its parts: empty for the folder itself, `null` where it lies outside. Both
 * are absolute.
 */
export function pathWithin(top: string, place: string): string | null {
  const path = relative(top, place)
  return path === '..' || path.startsWith(`..${sep}`) ? null : path.split(sep).join('/')
}

/** Whether a folder is `top` or lies below it; both absolute. */
export function isWithin(folder: string, top: string): boolean {
  return pathWithin(top, folder) !== null
}
