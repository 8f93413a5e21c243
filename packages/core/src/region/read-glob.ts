import {
  CLOSE,
  DEEP,
  END,
  NAME_AHEAD,
  NOTHING,
  ONE,
  OPEN,
  OR,
  SOME_AHEAD,
  STAR,
  WILD_DOT,
  literal,
  type Atom,
} from './atom.ts'
import { GLOB_ALTERNATIVES_MAX, GLOB_NESTING_MAX } from './bounds.ts'
import { readClass } from './character-class.ts'
import type { GlobFault } from './normalize-glob.ts'
import { readOneSegment, readWhole } from './shortcut.ts'

type Kind = 'start' | 'text' | 'dot' | 'slash' | 'one' | 'star' | 'deep' | 'class' | 'brace' | 'comma' | 'plus'

/** One token. `written` stands in for an empty `atoms` where picomatch spells out a brace that turned out to be text. */
type Token = { kind: Kind; atoms: Atom[]; readonly written: readonly Atom[]; longRun: boolean }

type OpenBrace = { readonly tokenAt: number; readonly outputAt: number; readonly at: number; commas: number }

const SLASH_ATOMS = literal('/')
const PLAIN_TEXT = /[^@![\].,$*+?^{}()|"/]*/y
const WHOLE_STARS: ReadonlyMap<string, string> = new Map([
  ['***', '*'],
  ['**/**', '**'],
  ['**/**/**', '**'],
])

/**
 * Reads one normalised glob into atoms that mean what picomatch 4.0.7 makes of it with `{ dot: true, nonegate: true,
 * noextglob: true, posix: true }` when `( ) | "` are escaped. The cases follow its behaviour, measured construct by
 * construct (test/regions compares them by brute force), including these that surprise:
 * `a/**` covers `a` but `a*` + `/**` does not cover `ab`; `{a/**,b}` does not cover `a`; a plus sign right behind a class or a
 * brace repeats it; `{a}` is text; beside a POSIX class or `***` a dot inside a word takes any unit.
 * Faults: those of classes; a `..` in braces (a range), a brace that never closes, too many alternatives or too deep.
 */
export const readGlob = (text: string): readonly Atom[] | GlobFault => {
  const glob = WHOLE_STARS.get(text) ?? text
  return (/^[.*]/.test(glob) ? readWhole(glob) : undefined) ?? readOneSegment(glob) ?? new GlobReader(glob).read()
}

class GlobReader {
  readonly #glob: string
  #at = 0
  #previous: Token = { kind: 'start', atoms: [], written: [], longRun: false }
  readonly #tokens: Token[] = [this.#previous]
  #output: Atom[] = []
  /** Whether the tokens are joined anew at the end, in place of the output made along the way. */
  #rejoin = false
  readonly #braces: OpenBrace[] = []
  #alternatives = 0

  constructor(glob: string) {
    this.#glob = glob
  }

  read(): readonly Atom[] | GlobFault {
    while (this.#at < this.#glob.length) {
      const fault = this.#step(this.#glob.charAt(this.#at))
      if (fault !== undefined) return fault
    }
    const open = this.#braces.at(-1)
    if (open !== undefined)
      return { reason: 'a brace that opens must close (`[{]` is the sign itself)', position: open.at }
    return this.#rejoin ? this.#tokens.flatMap(token => token.atoms) : this.#output
  }

  #step(unit: string): GlobFault | undefined {
    switch (unit) {
      case '[':
        return this.#class()
      case '{':
        return this.#openBrace()
      case '}':
        this.#closeBrace()
        break
      case ',':
        return this.#comma()
      case '/':
        this.#push('slash', SLASH_ATOMS, SLASH_ATOMS)
        break
      case '.':
        return this.#dot()
      case '?':
        this.#push('one', [ONE])
        break
      case '+':
        this.#plus()
        break
      case '*':
        this.#star()
        break
      default:
        this.#text()
    }
    this.#at += 1
    return undefined
  }

  #push(kind: Kind, atoms: readonly Atom[], written: readonly Atom[] = []): void {
    const previous = this.#previous
    const staysDeep = kind === 'slash' || (this.#braces.length > 0 && (kind === 'comma' || kind === 'brace'))
    if (previous.kind === 'deep' && !staysDeep) {
      this.#output.length -= previous.atoms.length
      previous.kind = 'star'
      previous.atoms = [STAR]
      this.#output.push(STAR)
    }
    this.#output.push(...atoms)
    if (previous.kind === 'text' && kind === 'text') {
      previous.atoms.push(...written)
      return
    }
    this.#previous = { kind, atoms: [...atoms], written, longRun: false }
    this.#tokens.push(this.#previous)
  }

  /** A run of units that mean themselves. */
  #text(): void {
    PLAIN_TEXT.lastIndex = this.#at + 1
    PLAIN_TEXT.test(this.#glob)
    const end = PLAIN_TEXT.lastIndex
    const atoms = literal(this.#glob.slice(this.#at, end))
    this.#push('text', atoms, atoms)
    this.#at = end - 1
  }

  #class(): GlobFault | undefined {
    if (!this.#glob.includes(']', this.#at + 1)) {
      this.#push('class', literal('['))
      this.#at += 1
      return undefined
    }
    const reading = readClass(this.#glob, this.#at)
    if ('reason' in reading) return reading
    this.#push('class', reading.atoms)
    const [start] = this.#tokens
    if (reading.posix) {
      this.#rejoin = true
      if (this.#tokens.length === 2 && start?.atoms.length === 0) start.atoms = [SOME_AHEAD]
    }
    this.#at = reading.next
    return undefined
  }

  #openBrace(): GlobFault | undefined {
    if (this.#braces.length === GLOB_NESTING_MAX)
      return { reason: `braces nest deeper than ${GLOB_NESTING_MAX}`, position: this.#at }
    const brace = { tokenAt: this.#tokens.length, outputAt: this.#output.length, at: this.#at, commas: 0 }
    this.#braces.push(brace)
    this.#push('brace', [OPEN])
    this.#at += 1
    return undefined
  }

  #closeBrace(): void {
    const brace = this.#braces.at(-1)
    if (brace === undefined) {
      this.#push('text', literal('}'), literal('}'))
      return
    }
    if (brace.commas === 0) {
      this.#tokens[brace.tokenAt] = { kind: 'brace', atoms: literal('{'), written: [], longRun: false }
      this.#output.length = brace.outputAt
      for (const token of this.#tokens.slice(brace.tokenAt))
        this.#output.push(...(token.atoms.length > 0 ? token.atoms : token.written))
    }
    this.#push('brace', brace.commas === 0 ? literal('}') : [CLOSE])
    this.#braces.pop()
  }

  #comma(): GlobFault | undefined {
    const brace = this.#braces.at(-1)
    if (brace !== undefined) {
      brace.commas += 1
      this.#alternatives += 1
    }
    if (this.#alternatives > GLOB_ALTERNATIVES_MAX)
      return { reason: `more than ${GLOB_ALTERNATIVES_MAX} alternatives`, position: this.#at }
    this.#push('comma', brace === undefined ? literal(',') : [OR])
    this.#at += 1
    return undefined
  }

  #dot(): GlobFault | undefined {
    const inBrace = this.#braces.length > 0
    if (inBrace && this.#previous.kind === 'dot')
      return { reason: 'a range such as `{1..3}` is not supported', position: this.#at - 1 }
    if (inBrace || this.#previous.kind === 'start' || this.#previous.kind === 'slash') this.#push('dot', literal('.'))
    else this.#push('text', literal('.'), [WILD_DOT])
    this.#at += 1
    return undefined
  }

  #plus(): void {
    const repeats = this.#previous.kind === 'class' || this.#previous.kind === 'brace'
    this.#push('plus', repeats ? [{ is: 'repeat', position: this.#at }] : literal('+'))
  }

  #star(): void {
    const previous = this.#previous
    if (previous.kind === 'deep' || previous.longRun) {
      previous.kind = 'star'
      previous.longRun = true
      previous.atoms = [STAR]
      this.#rejoin = true
    } else if (previous.kind === 'star') this.#secondStar(previous)
    else {
      if (this.#at === 0 || previous.kind === 'slash' || previous.kind === 'dot') {
        const ahead = [previous.kind === 'dot' ? NAME_AHEAD : NOTHING]
        if (this.#glob.charAt(this.#at + 1) !== '*') ahead.push(SOME_AHEAD)
        previous.atoms = [...previous.atoms, ...ahead]
        this.#output.push(...ahead)
      }
      this.#push('star', [STAR])
    }
  }

  /** A second star: `**` when it stands alone in its segment or alternative, and otherwise no more than the first. */
  #secondStar(star: Token): void {
    const before = this.#tokens.at(-2)
    const beforeThat = this.#tokens.at(-3)
    const leads = before?.kind === 'start' || before?.kind === 'slash'
    const leadsInBrace = this.#braces.length > 0 && (before?.kind === 'comma' || before?.kind === 'brace')
    if (before === undefined || !(leads || leadsInBrace)) {
      this.#push('star', [], [{ is: 'broken', position: this.#at }])
      return
    }
    while (/^\/\*\*\/?$/.test(this.#glob.slice(this.#at + 1, this.#at + 5))) this.#at += 3

    const atEnd = this.#at === this.#glob.length - 1
    const slashNext = this.#glob.charAt(this.#at + 1) === '/'
    const below = before.kind === 'slash' && beforeThat?.kind !== 'start'
    const afterStar = beforeThat?.kind === 'star' || beforeThat?.kind === 'deep'
    star.kind = 'deep'
    if (below && ((atEnd && !afterStar) || slashNext)) {
      this.#output.length -= before.atoms.length + star.atoms.length
      before.atoms = [OPEN, ...before.atoms]
      star.atoms = slashNext ? [DEEP, ...SLASH_ATOMS, OR, ...SLASH_ATOMS, OR, END, CLOSE] : [DEEP, OR, END, CLOSE]
      this.#output.push(...before.atoms, ...star.atoms)
    } else if (before.kind === 'start' && slashNext) {
      star.atoms = [OPEN, OR, ...SLASH_ATOMS, OR, DEEP, ...SLASH_ATOMS, CLOSE]
      this.#output = [...star.atoms]
    } else {
      this.#output.length -= star.atoms.length
      star.atoms = [DEEP]
      this.#output.push(DEEP)
    }
    if (slashNext && (below || before.kind === 'start')) {
      this.#at += 1
      this.#push('slash', [], SLASH_ATOMS)
    }
  }
}
