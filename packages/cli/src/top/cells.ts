import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/** What stands for what was left out. */
const LEFT_OUT = '…'

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Text of ASCII alone has a column for each character. */
const ASCII = /^[\x20-\x7E]*$/

/** A colour that is switched on or off, as `tone` writes it. */
const COLOUR = /(\p{Cc}\[\d+m)/u

/** The columns that a text takes on a terminal: wide characters take two, colours none. */
export function columnsOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text)
}

/** The text with blanks behind it, up to a width. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** A name cut in its middle, where names that belong together differ least. It has no colours. */
export function shortened(name: string, columns: number): string {
  if (columnsOf(name) <= columns) return name
  if (columns < 1) return ''
  const leftColumns = Math.ceil((columns - 1) / 2)
  const graphemes = graphemesOf(name, columns)
  const left = taken(graphemes.begin, leftColumns)
  const right = taken(graphemes.end, columns - 1 - leftColumns).reverse()
  return `${left.join('')}${LEFT_OUT}${right.join('')}`
}

/** A line, colours and all, cut at its end so that it fits. */
export function cut(line: string, columns: number): string {
  if (columnsOf(line) <= columns) return line
  let roomLeft = columns - 1
  let isFull = false
  const parts = line.split(COLOUR).map((part, place) => {
    if (place % 2 === 1) return part
    if (isFull) return ''
    if (columnsOf(part) <= roomLeft) {
      roomLeft -= columnsOf(part)
      return part
    }
    isFull = true
    return taken(graphemesOf(part, columns).begin, roomLeft).join('') + LEFT_OUT
  })
  return parts.join('')
}

/** The end of what is typed, for which there is room, without colours. */
export function ending(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const { end } = graphemesOf(text, columns)
  return (
    LEFT_OUT +
    taken(end, columns - 1)
      .reverse()
      .join('')
  )
}

/** A text without colours in lines that fit, broken at blanks, and inside a word where that is longer than a line. */
export function broken(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of stripVTControlCharacters(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (columnsOf(line) > columns) {
      const first = taken(graphemesOf(line, columns).begin, columns).join('')
      if (first === '') break
      lines.push(first)
      line = line.slice(first.length)
    }
  }
  return [...lines, line]
}

/** The first and the last characters of a text, as many as can matter: names can be long. */
function graphemesOf(text: string, columns: number): { readonly begin: readonly string[]; readonly end: string[] } {
  const all = Array.from(GRAPHEMES.segment(text), ({ segment }) => segment)
  return { begin: all.slice(0, columns), end: all.slice(-columns).reverse() }
}

/** As many of the first as have room. */
function taken(graphemes: readonly string[], columns: number): string[] {
  let roomLeft = columns
  const fitting: string[] = []
  for (const grapheme of graphemes) {
    roomLeft -= columnsOf(grapheme)
    if (roomLeft < 0) break
    fitting.push(grapheme)
  }
  return fitting
}
