import type { Look } from './look.ts'
import { matchesName } from './match-name.ts'

/** Paths that one pattern may stand for. */
const MATCHES_MAX = 5000

/**
 * The paths that a shell puts in a pattern's place, sorted as they are read; none: the pattern stays as it is. `folder`
 * is where a relative one begins. `null`: too many, or the folder is not known.
 */
export function pathsMatching(pattern: string, folder: string | null, look: Look): readonly string[] | null {
  const isRooted = pattern.startsWith('/')
  if (!isRooted && folder === null) return null
  const segments = pattern.split('/').filter(segment => segment !== '')
  let found: readonly string[] = [isRooted ? '/' : '']
  for (const segment of segments) {
    const next: string[] = []
    for (const place of found) {
      const at = isRooted ? place : `${folder ?? ''}/${place}`
      if (!isPattern(segment)) {
        const path = `${place}${unescaped(segment)}`
        if (look.kind(`${isRooted ? '' : `${folder ?? ''}/`}${path}`) !== 'none') next.push(`${path}/`)
        continue
      }
      for (const name of look.names(at) ?? []) if (matchesName(name, segment)) next.push(`${place}${name}/`)
      if (next.length > MATCHES_MAX) return null
    }
    found = next
  }
  return found.map(path => path.slice(0, -1)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Whether anything in it is more than itself. */
export function isPattern(text: string): boolean {
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place]
    if (sign === '\\') place += 1
    else if (sign === '*' || sign === '?' || sign === '[') return true
  }
  return false
}

export function escaped(text: string): string {
  let plain = ''
  for (const sign of text) plain += SIGNS.includes(sign) ? `\\${sign}` : sign
  return plain
}

export function unescaped(pattern: string): string {
  let text = ''
  for (let place = 0; place < pattern.length; place += 1) {
    if (pattern[place] === '\\') place += 1
    text += pattern[place] ?? ''
  }
  return text
}

const SIGNS = '*?[\\'
