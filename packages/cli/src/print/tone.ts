import { styleText } from 'node:util'
import { mayBeTerminal } from './text-stream.ts'

type Format = Parameters<typeof styleText>[0]

/** What `styleText` need not be asked about: it looks at a stream, and making one takes time. */
const isPlain = !mayBeTerminal(1) && process.env['FORCE_COLOR'] === undefined

/** Colours by meaning. Only on a terminal, and not where NO_COLOR says so: `styleText` looks at both. */
const toned =
  (format: Format) =>
  (text: string): string =>
    isPlain ? text : styleText(format, text, { stream: process.stdout })

export const tone = {
  good: toned('green'),
  bad: toned('red'),
  warn: toned('yellow'),
  strong: toned('bold'),
  faint: toned('dim'),
} as const
