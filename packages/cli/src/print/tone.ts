import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours by meaning. Only on a terminal, and not where NO_COLOR says so: `styleText` looks at both. */
const toned =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { stream: process.stdout })

export const tone = {
  good: toned('green'),
  bad: toned('red'),
  warn: toned('yellow'),
  strong: toned('bold'),
  faint: toned('dim'),
} as const
