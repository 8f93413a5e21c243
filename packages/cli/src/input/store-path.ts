const SQLITE = 'sqlite:'

/** The file of a store's URL; `null`: it has none. */
export function pathOf(url: string): string | null {
  return url.startsWith(SQLITE) ? url.slice(SQLITE.length) : null
}
