import { resolve } from 'node:path'

/** A store by a name that means the same in every folder. */
export function anchoredStore(store: string): string {
  const path = /^sqlite:(.+)$/is.exec(store)?.[1]
  return path === undefined ? store : `sqlite:${resolve(path)}`
}
