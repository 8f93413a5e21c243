import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { environment } from '../input/environment.ts'
import { UsageError } from './usage-error.ts'

const DEFAULT_PLACE = join('.holdfast', 'ledger.db')

/** The store that is meant: the one that is named, else the nearest one upward, else one in the working folder. */
export function storeUrl(named: string | undefined, folderOf: () => string): string {
  if (named === '') throw new UsageError('store: it is empty; name a store, or leave --store out.')
  const given = named ?? environment('HOLDFAST_STORE')
  if (given !== undefined) return given
  const folder = folderOf()
  return `sqlite:${nearest(folder) ?? join(folder, DEFAULT_PLACE)}`
}

function nearest(folder: string): string | null {
  const place = join(folder, DEFAULT_PLACE)
  if (existsSync(place)) return place
  const parent = dirname(folder)
  return parent === folder ? null : nearest(parent)
}
