import { stripVTControlCharacters } from 'node:util'

/** Between two columns. */
const GAP = 2

/** Columns are not shortened below this: what is left would say nothing. */
const SHORTENED_MIN = 8

/** How a table fits a terminal. Its columns are named by their place, from 0. */
export interface Fit {
  /** Columns of the terminal; `undefined`: there is none, and nothing is shortened. */
  readonly columns: number | undefined
  /** Those whose cells may be shortened: names and regions, never sentences. */
  readonly shorten: readonly number[]
  /** Those that give way where that is not enough, the first of them first. */
  readonly leaveOut?: readonly number[]
}

/**
 * Lines with aligned columns. Colours do not count as width. On a terminal the lines fit it, as far as `fit` says what
 * may give way: the longest cells are shortened in the middle, and where that is not enough columns are left out. JSON
 * has everything in full.
 */
export function table(rows: readonly (readonly string[])[], fit: Fit = UNLIMITED): string[] {
  const { columns } = fit
  const widths = widthsOf(rows)
  if (columns === undefined) return rows.map(row => lineOf(row, widths))
  const kept = columnsKept(widths, { ...fit, columns })
  const limits = limitsFor(widths, kept, { ...fit, columns })
  return rows.map(row => {
    const cells = kept.filter(column => column < row.length).map(column => shortened(row[column] ?? '', limits[column]))
    return lineOf(
      cells,
      kept.map(column => limits[column] ?? 0),
    )
  })
}

const UNLIMITED: Fit = { columns: undefined, shorten: [] }

interface Limited extends Fit {
  readonly columns: number
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  return widths
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) =>
    column === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))),
  )
  return cells.join(' '.repeat(GAP)).trimEnd()
}

/** The columns for which there is room when the long ones are shortened as far as they may be. */
function columnsKept(widths: readonly number[], { columns, shorten, leaveOut = [] }: Limited): readonly number[] {
  const kept = new Set(widths.keys())
  const least = (column: number): number => {
    const full = widths[column] ?? 0
    return shorten.includes(column) ? Math.min(full, SHORTENED_MIN) : full
  }
  for (const column of leaveOut) {
    if (lengthOf([...kept].map(least)) < columns) break
    kept.delete(column)
  }
  return [...kept]
}

/** Takes the room that lacks from the widest of those that may be shortened, so that short ones stay whole. */
function limitsFor(widths: readonly number[], kept: readonly number[], { columns, shorten }: Limited): number[] {
  const limits = [...widths]
  const mayGive = kept.filter(column => shorten.includes(column))
  // The last column of the terminal stays free: some go on to the next line when it is written.
  while (lengthOf(kept.map(column => limits[column] ?? 0)) >= columns) {
    const widest = Math.max(0, ...mayGive.map(column => limits[column] ?? 0))
    if (widest <= SHORTENED_MIN) break
    const column = mayGive.findLast(each => limits[each] === widest) ?? 0
    limits[column] = widest - 1
  }
  return limits
}

function lengthOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each + GAP, -GAP)
}

/** The text cut in its middle, where names that belong together differ least. A colour around the whole cell stays. */
function shortened(cell: string, limit: number | undefined): string {
  if (limit === undefined || width(cell) <= limit) return cell
  const text = stripVTControlCharacters(cell)
  const at = cell.indexOf(text)
  const [begin, end] = at < 0 ? ['', ''] : [cell.slice(0, at), cell.slice(at + text.length)]
  const characters = Array.from(text)
  const left = Math.ceil((limit - 1) / 2)
  return `${begin}${characters.slice(0, left).join('')}…${characters.slice(characters.length - (limit - 1 - left)).join('')}${end}`
}

function width(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length
}

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
