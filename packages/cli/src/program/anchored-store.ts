import { resolve } from 'node:path'

/** A store that is named in `folder` (default: the working folder), by a name that means the same in every one. */
export function anchoredStore(store: string, folder = '.'): string {
  const path = /^sqlite:(.+)$/is.exec(store)?.[1]
  return path === undefined ? store : `sqlite:${resolve(folder, path)}`
}
