import { resolve } from 'node:path'

const SQLITE = 'sqlite:'

/** The file of a store's URL; `null`: it has none. */
export function pathOf(url: string): string | null {
  return url.startsWith(SQLITE) ? url.slice(SQLITE.length) : null
}

/** A store that is named in `folder` (default: the working folder), by a name that means the same in every one. */
export function anchoredStore(store: string, folder = '.'): string {
  // As it was typed: the scheme in any case.
  const path = /^sqlite:(.+)$/is.exec(store)?.[1]
  return path === undefined ? store : `${SQLITE}${resolve(folder, path)}`
}
