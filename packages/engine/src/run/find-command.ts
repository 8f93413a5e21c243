import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type FoundCommand =
  | { readonly found: 'executable'; readonly path: string }
  | { readonly found: 'not-executable'; readonly path: string }
  | { readonly found: 'missing' }

/** Finds a command as a POSIX shell does: a name with a slash is a path, any other is looked up along `path`. */
export function findCommand(name: string, path: string): FoundCommand {
  if (name === '') return { found: 'missing' }
  const candidates = name.includes('/') ? [name] : path.split(delimiter).map(folder => join(folder || '.', name))
  let refused: string | null = null
  for (const candidate of candidates) {
    const kind = kindOf(candidate)
    if (kind === 'executable') return { found: kind, path: candidate }
    if (kind === 'not-executable') refused ??= candidate
  }
  return refused === null ? { found: 'missing' } : { found: 'not-executable', path: refused }
}

function kindOf(path: string): 'executable' | 'not-executable' | 'missing' {
  try {
    if (statSync(path).isDirectory()) return 'not-executable'
  } catch {
    return 'missing'
  }
  try {
    accessSync(path, constants.X_OK)
    return 'executable'
  } catch {
    return 'not-executable'
  }
}
