import { stripVTControlCharacters } from 'node:util'

/** What the further lines of a sentence begin with. */
const INDENT = '  '

/**
 * A sentence in lines that fit a terminal, broken at blanks; a word that is longer than a line stays whole, because a path
 * cut in two can not be copied. `columns` undefined: there is no terminal, and the line stays one.
 */
export function wrapped(sentence: string, columns: number | undefined): readonly string[] {
  if (columns === undefined || widthOf(sentence) < columns) return [sentence]
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    // The last column of the terminal stays free: some go on to the next line when it is written.
    if (line.trim() === '' || widthOf(longer) < columns) line = longer
    else {
      lines.push(line)
      line = INDENT + word
    }
  }
  return [...lines, line]
}

function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}
