import type { Field } from './state.ts'

/** How a program reads its options: those that take a value, and those whose value, if any, is attached to them. */
export interface OptionShape {
  /** Letters that take a value: the rest of the word, or the next one. */
  readonly valued?: string
  /** Letters that may have a value, which is the rest of the word. */
  readonly attached?: string
  /** Long names that take the next word if no `=` is in them. */
  readonly long?: readonly string[]
  /** Options end at the first operand, as for programs that start another one. */
  readonly endsAtOperand?: boolean
}

/** What a program is given: options by name, without dashes, and what is no option. */
export interface GivenOptions {
  readonly operands: readonly Field[]
  /** Where the operands begin, for a program that starts another one. */
  readonly rest: readonly Field[]
  readonly has: (...names: readonly string[]) => boolean
  readonly values: (...names: readonly string[]) => readonly Field[]
}

/** Reads words as most programs do: `-rf`, `-o FILE`, `-oFILE`, `--out FILE`, `--out=FILE`, `--`. */
export function givenOptions(words: readonly Field[], shape: OptionShape = {}): GivenOptions {
  const given = new Map<string, Field[]>()
  const operands: Field[] = []
  let rest: readonly Field[] = []
  const note = (name: string, value: Field): void => void given.set(name, [...(given.get(name) ?? []), value])
  let place = 0
  for (; place < words.length; place += 1) {
    const word = words[place] ?? null
    if (word === '--') {
      operands.push(...words.slice(place + 1))
      place += 1
      break
    }
    if (word === null || !word.startsWith('-') || word === '-') {
      if (shape.endsAtOperand === true) {
        operands.push(...words.slice(place))
        break
      }
      operands.push(word)
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = word.slice(2, equals < 0 ? undefined : equals)
      if (equals >= 0) note(name, word.slice(equals + 1))
      else if (shape.long?.includes(name) === true) {
        place += 1
        note(name, words[place] ?? null)
      } else note(name, '')
    } else place += letters(word, words[place + 1] ?? null, shape, note)
  }
  rest = words.slice(place)
  return {
    operands,
    rest,
    has: (...names) => names.some(name => given.has(name)),
    values: (...names) => names.flatMap(name => given.get(name) ?? []),
  }
}

/** A word of letters; answers how many further words it takes. */
function letters(
  word: string,
  next: Field,
  { valued = '', attached = '' }: OptionShape,
  note: (name: string, value: Field) => void,
): 0 | 1 {
  for (let place = 1; place < word.length; place += 1) {
    const letter = word[place] ?? ''
    const behind = word.slice(place + 1)
    if (attached.includes(letter)) {
      note(letter, behind)
      return 0
    }
    if (valued.includes(letter)) {
      note(letter, behind === '' ? next : behind)
      return behind === '' ? 1 : 0
    }
    note(letter, '')
  }
  return 0
}
