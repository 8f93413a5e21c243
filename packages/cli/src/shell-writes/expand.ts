import { parse, type ParameterExpansionPart, type Script, type Word, type WordPart } from 'unbash'
import { alternatives } from './braces.ts'
import type { Look } from './look.ts'
import { escaped, isPattern, pathsMatching, unescaped } from './paths-matching.ts'
import type { Field, ShellState, Value } from './state.ts'

/** Words that one word may become. */
const FIELDS_MAX = 5000

/** What an expansion needs of its surroundings. */
export interface Expanding {
  readonly state: ShellState
  readonly look: Look
  /** Walks the script of a substitution, and answers what it prints; `null`: not known. */
  readonly output: (script: Script) => Field
}

/** A piece of a word. `split`: an unquoted value, which becomes several words and may hold wildcards. */
type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'wildcard'; readonly text: string }
  | { readonly kind: 'split'; readonly text: string }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] }
  | { readonly kind: 'unknown' }

/** The words that a word becomes: braces, `~`, variables, substitutions, splitting and globs. */
export function fieldsOf(word: Word, expanding: Expanding): readonly Field[] {
  const texts = withoutBraces(word)
  if (texts === null) return [null]
  if (texts.length > 1) return texts.flatMap(text => fieldsOf(reread(text) ?? word, expanding))
  return joined(piecesOf(word, expanding)).flatMap(pattern => matches(pattern, expanding))
}

/** One text, as in an assignment or behind a redirection's sign: nothing is split, and globs stay. */
export function textOf(word: Word, expanding: Expanding): Field {
  let text = ''
  for (const piece of piecesOf(word, expanding)) {
    if (piece.kind === 'unknown') return null
    if (piece.kind === 'fields') {
      if (piece.fields.includes(null)) return null
      text += piece.fields.join(' ')
    } else text += piece.text
  }
  return text
}

/** What the parts of a here-document stand for together. */
export function textOfParts(parts: readonly WordPart[], expanding: Expanding): Field {
  let text = ''
  for (const part of parts) {
    for (const piece of pieceOf(part, expanding, { quoted: true })) {
      if (piece.kind === 'unknown' || piece.kind === 'fields') return null
      text += piece.text
    }
  }
  return text
}

/** The word typed anew for each alternative of its first brace; itself where it has none; `null`: too many. */
function withoutBraces(word: Word): readonly string[] | null {
  const brace = word.parts?.find(part => part.type === 'BraceExpansion')
  if (brace === undefined) return [word.text]
  const texts = alternatives(brace.text)
  if (texts === null) return null
  const before = word.text.slice(0, brace.pos - word.pos)
  const behind = word.text.slice(brace.end - word.pos)
  return texts.map(text => `${before}${text}${behind}`)
}

function reread(text: string): Word | undefined {
  const [statement] = parse(`: ${text}`).commands
  const [argument] = statement?.command.type === 'Command' ? statement.command.args : []
  return argument?.type === 'Word' ? argument : undefined
}

function piecesOf(word: Word, expanding: Expanding): readonly Piece[] {
  const pieces = (word.parts ?? [literal(word)]).flatMap(part => pieceOf(part, expanding, { quoted: false }))
  const [first, ...others] = pieces
  if (!word.text.startsWith('~') || first?.kind !== 'plain') return pieces
  const home = atHome(first.text, expanding.state)
  return home === null ? [{ kind: 'unknown' }] : [{ kind: 'plain', text: home }, ...others]
}

function literal({ text, value, pos, end }: Word): WordPart {
  return { type: 'Literal', text, value, pos, end }
}

/** `~` and `~/x`; the homes of others are not known here. */
function atHome(text: string, state: ShellState): string | null {
  const slash = text.indexOf('/')
  const name = slash < 0 ? text : text.slice(0, slash)
  const home = name === '~' ? state.value('HOME') : name === '~+' ? state.folder : null
  return typeof home === 'string' ? `${home}${text.slice(name.length)}` : null
}

const UNKNOWN: readonly Piece[] = [{ kind: 'unknown' }]

function pieceOf(part: WordPart, expanding: Expanding, { quoted }: { readonly quoted: boolean }): readonly Piece[] {
  const { state, output } = expanding
  const plain = (text: string): readonly Piece[] => [{ kind: quoted ? 'plain' : 'split', text }]
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ kind: 'plain', text: part.value }]
    case 'Glob':
      return [{ kind: 'wildcard', text: part.text }]
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.flatMap(inside => pieceOf(inside, expanding, { quoted: true }))
      return inner.length === 0 ? [{ kind: 'plain', text: '' }] : inner
    }
    case 'SimpleExpansion':
      return ofValue(valueNamed(part.text.slice(1), state), plain)
    case 'ParameterExpansion':
      return parameter(part, expanding, { quoted, plain })
    case 'CommandExpansion': {
      const out = part.script === undefined ? null : output(part.script)
      return out === null ? UNKNOWN : plain(withoutLastLineEnds(out))
    }
    case 'ProcessSubstitution':
      // A pipe under a name of the system's; what runs at its other end is walked.
      if (part.script !== undefined) output(part.script)
      return [{ kind: 'plain', text: '/dev/fd/63' }]
    case 'ArithmeticExpansion':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      return UNKNOWN
  }
}

function parameter(
  part: ParameterExpansionPart,
  expanding: Expanding,
  { quoted, plain }: { readonly quoted: boolean; readonly plain: (text: string) => readonly Piece[] },
): readonly Piece[] {
  const { state } = expanding
  if (part.prefix !== undefined) return UNKNOWN
  const isAll = part.index?.value === '@' || part.index?.value === '*'
  if (part.index !== undefined && !isAll) {
    const value = valueNamed(part.parameter, state)
    const element = Array.isArray(value) ? ((value as readonly Field[])[Number(part.index.value)] ?? null) : null
    return ofValue(element, plain)
  }
  const whole = valueNamed(part.parameter, state)
  const value =
    part.index === undefined && typeof whole === 'object' && whole !== null && part.parameter !== '@'
      ? (whole[0] ?? null)
      : whole
  const { operation } = part
  if (operation === undefined) return ofValue(value, plain)
  // What a default would be used for is known only if the variable is.
  if (operation.type === 'Default' && !operation.operator.endsWith('?')) {
    if (typeof value !== 'string') return UNKNOWN
    const isGiven = value !== '' || !operation.operator.startsWith(':')
    const takesOperand = operation.operator.endsWith('+') ? isGiven : !isGiven
    if (!takesOperand) return operation.operator.endsWith('+') ? plain('') : plain(value)
    const operand = textOf(operation.operand, expanding)
    return operand === null ? UNKNOWN : plain(operand)
  }
  if (operation.type === 'Remove' && typeof value === 'string') {
    const ending = textOf(operation.operand, expanding)
    const cut = ending === null ? null : removed(value, operation.operator, ending)
    return cut === null ? UNKNOWN : plain(cut)
  }
  return quoted && operation.type === 'Default' && typeof value === 'string' && value !== '' ? plain(value) : UNKNOWN
}

/** `${x%.ts}`, `${x##dir/}` and their like, where the pattern is plain but for one `*` at the side of the rest. */
function removed(value: string, operator: '#' | '##' | '%' | '%%', pattern: string): string | null {
  const isFront = operator.startsWith('#')
  if (!isPattern(pattern)) {
    if (isFront) return value.startsWith(pattern) ? value.slice(pattern.length) : value
    return value.endsWith(pattern) && pattern !== '' ? value.slice(0, -pattern.length) : value
  }
  const fixed = isFront ? pattern.slice(1) : pattern.slice(0, -1)
  const star = isFront ? pattern.at(0) : pattern.at(-1)
  if (star !== '*' || fixed === '' || isPattern(fixed)) return null
  const isLast = operator === '##' || operator === '%'
  const place = isLast ? value.lastIndexOf(fixed) : value.indexOf(fixed)
  if (place < 0) return value
  return isFront ? value.slice(place + fixed.length) : value.slice(0, place)
}

function valueNamed(name: string, state: ShellState): Value {
  if (name === '@' || name === '*') return state.positional
  const place = Number(name)
  if (Number.isInteger(place) && name !== '') return place === 0 ? null : (state.positional[place - 1] ?? null)
  return state.value(name)
}

function ofValue(value: Value, plain: (text: string) => readonly Piece[]): readonly Piece[] {
  if (value === null) return UNKNOWN
  return typeof value === 'string' ? plain(value) : [{ kind: 'fields', fields: value }]
}

function withoutLastLineEnds(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= 1
  return text.slice(0, end)
}

/** Words as patterns, in which what is no wildcard is escaped; `null`: not known. */
function joined(pieces: readonly Piece[]): readonly Field[] {
  const words: Field[] = []
  let open: { pattern: string; known: boolean } | null = null
  const add = (pattern: string): void => {
    open = { pattern: `${open?.pattern ?? ''}${pattern}`, known: open?.known ?? true }
  }
  const close = (): void => {
    if (open !== null) words.push(open.known ? open.pattern : null)
    open = null
  }
  for (const piece of pieces) {
    switch (piece.kind) {
      case 'plain':
        add(escaped(piece.text))
        break
      case 'wildcard':
        add(piece.text)
        break
      case 'split':
        splitAtSpaces(piece.text, { add, close })
        break
      case 'fields':
        for (const [place, field] of piece.fields.entries()) {
          if (place > 0) close()
          if (field === null) open = { pattern: '', known: false }
          else add(escaped(field))
        }
        break
      case 'unknown':
        open = { pattern: '', known: false }
        break
    }
    if (words.length > FIELDS_MAX) return [null]
  }
  close()
  return words
}

function splitAtSpaces(
  text: string,
  { add, close }: { readonly add: (pattern: string) => void; readonly close: () => void },
): void {
  let begin = 0
  for (let place = 0; place <= text.length; place += 1) {
    const sign = text[place]
    if (sign !== undefined && sign !== ' ' && sign !== '\t' && sign !== '\n') continue
    if (place > begin) add(text.slice(begin, place).replaceAll('\\', '\\\\'))
    if (sign !== undefined) close()
    begin = place + 1
  }
}

/** What a pattern stands for; without a match it stands for itself. */
function matches(pattern: Field, { state, look }: Expanding): readonly Field[] {
  if (pattern === null) return [null]
  if (!isPattern(pattern)) return [unescaped(pattern)]
  const found = pathsMatching(pattern, state.folder, look)
  if (found === null) return [null]
  return found.length === 0 ? [unescaped(pattern)] : found
}
