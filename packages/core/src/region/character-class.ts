import { CLOSE, OPEN, OR, literal, type Atom } from './atom.ts'
import type { GlobFault } from './normalize-glob.ts'
import { SLASH, unitSet } from './unit-set.ts'

/** The members of the POSIX classes that picomatch knows, as the inside of a JavaScript character class. */
const POSIX_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['alnum', 'a-zA-Z0-9'],
  ['alpha', 'a-zA-Z'],
  ['ascii', '\u0000-\u007f'],
  ['blank', ' \t'],
  ['cntrl', '\u0000-\u001f\u007f'],
  ['digit', '0-9'],
  ['graph', '!-~'],
  ['lower', 'a-z'],
  ['print', ' -~ '],
  ['punct', '\\-!"#$%&\'()*+,./:;<=>?@[\\]^_`{|}~'],
  ['space', ' \t\r\n\v\f'],
  ['upper', 'A-Z'],
  ['word', 'A-Za-z0-9_'],
  ['xdigit', 'A-Fa-f0-9'],
])
/** With none of these inside, picomatch lets `[abc]` also stand for its own text, so `app/[slug]` covers that file. */
const NOT_PLAIN = /[-*+?.^${}(|)[\]]/

/** A class as atoms; `next` is the position after it. */
export type ClassReading = { readonly atoms: readonly Atom[]; readonly next: number; readonly posix: boolean }

/**
 * Reads the class that opens at `start` of a normalised glob. `!` and `^` negate, and a negated class does not take a
 * slash, except beside a POSIX class (picomatch 4.0.7 drops the exclusion there, and so do we).
 * Faults: a slash inside, never closed, a POSIX name not closed by `:]`, a range out of order.
 */
export const readClass = (text: string, start: number): ClassReading | GlobFault => {
  let source = ''
  let mentionsPosix = false
  let posix = false
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charAt(at)
    if (unit === ']' && source !== '' && source !== '^') {
      return finish({ source, mentionsPosix, posix, start, next: at + 1 })
    }
    if (unit === '/') return { reason: 'a class cannot contain `/` (nor `\\`, which means `/`)', position: at }
    if (unit === ':' && source.includes('[')) {
      mentionsPosix = true
      const opening = source.lastIndexOf('[')
      const members = source.includes(':') ? POSIX_MEMBERS.get(source.slice(opening + 2)) : undefined
      const named = members !== undefined && source.charAt(opening - 1) !== '\\' && source.charAt(opening + 1) === ':'
      if (members !== undefined && !(named && text.charAt(at + 1) === ']')) {
        return { reason: 'a POSIX class is written `[:name:]`', position: at }
      }
      if (members !== undefined) {
        source = source.slice(0, opening) + members
        posix = true
        at += 1
        continue
      }
    }
    source += inClass(unit, text.charAt(at + 1), source)
  }
  return { reason: 'a class that opens with `]` must close with another', position: start }
}

const inClass = (unit: string, following: string, source: string): string => {
  if (unit === '!' && source === '') return '^'
  const escaped =
    (unit === '[' && following !== ':') || (unit === '-' && following === ']') || unit === ']' || '()|"'.includes(unit)
  return escaped ? `\\${unit}` : unit
}

type Finished = { source: string; mentionsPosix: boolean; posix: boolean; start: number; next: number }

const finish = ({ source, mentionsPosix, posix, start, next }: Finished): ClassReading | GlobFault => {
  const negated = source.startsWith('^')
  const written = writtenUnits(negated ? source.slice(1) : source)
  const members = membersOf(written)
  if (members === undefined) return { reason: 'a range in a class runs backwards', position: start }
  const taken = negated && !mentionsPosix ? unitSet([...members, [SLASH, SLASH]]) : unitSet(members)
  const one: Atom = { is: 'class', members: taken, negated }
  if (NOT_PLAIN.test(source)) return { atoms: [one], next, posix }
  const itself = literal(`[${written.map(({ unit }) => String.fromCharCode(unit)).join('')}]`)
  return { atoms: [OPEN, ...itself, OR, one, CLOSE], next, posix }
}

type Written = { readonly unit: number; readonly escaped: boolean }

const writtenUnits = (source: string): Written[] => {
  const written: Written[] = []
  for (let at = 0; at < source.length; at += 1) {
    const escaped = source.charAt(at) === '\\'
    if (escaped) at += 1
    written.push({ unit: source.charCodeAt(at), escaped })
  }
  return written
}

const DASH = 0x2d

/** The ranges of a class by JavaScript's rules: a dash between two members makes a range, anywhere else it is a member. */
const membersOf = (written: readonly Written[]): [from: number, to: number][] | undefined => {
  const ranges: [number, number][] = []
  let next = 0
  for (const [at, { unit: from }] of written.entries()) {
    if (at < next) continue
    const dash = written[at + 1]
    const to = written[at + 2]
    if (dash !== undefined && dash.unit === DASH && !dash.escaped && to !== undefined) {
      if (to.unit < from) return undefined
      ranges.push([from, to.unit])
      next = at + 3
    } else ranges.push([from, from])
  }
  return ranges
}
