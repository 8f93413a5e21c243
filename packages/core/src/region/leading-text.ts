import type { Sequence } from './expression.ts'

const SLASH = '/'

/**
 * What every path of these expressions begins with: `leading`, the folded text, and `leadingSegments`, the whole segments
 * of it. Never longer than what all paths share; it may be shorter. At least one expression is given.
 */
export const leadingText = (
  expressions: readonly Sequence[],
  fold: (text: string) => string,
): { readonly leading: string; readonly leadingSegments: readonly string[] } =>
  expressions
    .map(expression => {
      const { text, whole } = leadOf(expression)
      const leading = fold(text)
      const segments = leading.split(SLASH)
      return { leading, leadingSegments: whole ? segments : segments.slice(0, -1) }
    })
    .reduce((one, other) => {
      const length = sharedLength(one.leading.length, at => one.leading[at] === other.leading[at])
      const count = sharedLength(
        one.leadingSegments.length,
        at => one.leadingSegments[at] === other.leadingSegments[at],
      )
      return { leading: one.leading.slice(0, length), leadingSegments: one.leadingSegments.slice(0, count) }
    })

const sharedLength = (most: number, same: (at: number) => boolean): number => {
  let length = 0
  while (length < most && same(length)) length += 1
  return length
}

/** The literal start of an expression; `whole` when a segment ends there in every path. */
const leadOf = ({ parts }: Sequence): { readonly text: string; readonly whole: boolean } => {
  let text = ''
  for (const part of parts) {
    if (part.is === 'choice') return { text, whole: part.options.every(endsSegment) }
    if (part.is === 'text') text += part.text
    else if (part.is === 'end') return { text, whole: true }
    else if (part.is !== 'nothing' && part.is !== 'some-ahead' && part.is !== 'name-ahead')
      return { text, whole: false }
  }
  return { text, whole: true }
}

const endsSegment = ({ parts }: Sequence): boolean => {
  const first = parts.find(part => part.is !== 'nothing')
  return first?.is === 'end' || (first?.is === 'text' && first.text.startsWith(SLASH))
}
