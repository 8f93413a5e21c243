import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

let isColoured = false

/** Lets texts have colours from now on; without it they have none. For whoever owns the terminal. */
export function useColours(coloured: boolean): void {
  isColoured = coloured
}

const toned =
  (format: Format) =>
  (text: string): string =>
    isColoured ? styleText(format, text, { validateStream: false }) : text

/** Colours by meaning. */
export const tone = {
  good: toned('green'),
  bad: toned('red'),
  warn: toned('yellow'),
  strong: toned('bold'),
  faint: toned('dim'),
} as const
