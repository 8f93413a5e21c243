import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FILE_NAME = 'holdfast.config.json'

/** The file of the local configuration: the one that is named, else the nearest one upward, else none. */
export function configurationFile(named: string | undefined, folder: string): string | null {
  return named ?? nearest(folder)
}

function nearest(folder: string): string | null {
  const file = join(folder, FILE_NAME)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? null : nearest(parent)
}
