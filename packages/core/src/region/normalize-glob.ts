import { GLOB_LENGTH_MAX } from './bounds.ts'

/** Why a glob is not valid, and where: `position` counts UTF-16 units of the glob as given. */
export type GlobFault = { readonly reason: string; readonly position: number }

/** `text` in normal form; `originOf(i)` is the position in the given glob that its unit i came from. */
export type NormalGlob = { readonly text: string; readonly originOf: (position: number) => number }

/** A backslash, a doubled or trailing slash, a segment `.` or `..`. */
const NOT_NORMAL = /\\|\/\/|\/$|(?:^|\/)\.\.?(?:\/|$)/
const itself = (position: number): number => position

/**
 * Brings a glob to the form that is stored and matched: `\` becomes `/`; a leading `./`, `.` segments, doubled and
 * trailing slashes go. One leading slash stays: such a glob covers absolute paths. Normalising twice changes nothing.
 * Faults: an empty glob (or one of which nothing is left), a `..` segment, NUL, too long.
 */
export const normalizeGlob = (given: string): NormalGlob | GlobFault => {
  if (given.length > GLOB_LENGTH_MAX)
    return { reason: `longer than ${GLOB_LENGTH_MAX} characters`, position: GLOB_LENGTH_MAX }
  const nul = given.indexOf('\u0000')
  if (nul >= 0) return { reason: 'NUL cannot stand in a path', position: nul }
  if (given !== '' && !NOT_NORMAL.test(given)) return { text: given, originOf: itself }

  const origins: number[] = []
  let text = ''
  const append = (unit: string, origin: number): void => {
    text += unit
    origins.push(origin)
  }

  let start = 0
  for (const segment of given.replaceAll('\\', '/').split('/')) {
    if (segment === '..') return { reason: '`..` would leave the segment before it', position: start }
    const leadingSlash = segment === '' && start === 0 && given.length > 1
    if (leadingSlash) append('/', 0)
    if (segment !== '' && segment !== '.') {
      if (text !== '' && text !== '/') append('/', start - 1)
      for (let at = 0; at < segment.length; at += 1) append(segment.charAt(at), start + at)
    }
    start += segment.length + 1
  }
  if (text === '' || text === '/') return { reason: 'an empty glob covers nothing', position: 0 }
  return { text, originOf: position => origins[position] ?? given.length }
}
