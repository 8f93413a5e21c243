import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const DEFAULT_PLACE = join('.holdfast', 'ledger.db')

/** The store that is meant: the one that is named, else the nearest one upward, else one in the working folder. */
export function storeUrl(named: string | undefined, folderOf: () => string): string {
  const given = named ?? process.env['HOLDFAST_STORE']
  if (given !== undefined && given !== '') return given
  const folder = folderOf()
  return `sqlite:${nearest(folder) ?? join(folder, DEFAULT_PLACE)}`
}

function nearest(folder: string): string | null {
  const place = join(folder, DEFAULT_PLACE)
  if (existsSync(place)) return place
  const parent = dirname(folder)
  return parent === folder ? null : nearest(parent)
}
