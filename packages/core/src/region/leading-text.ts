import type { Expression } from './expression.ts'

const SLASH = '/'

/**
 * What every path of these expressions begins with: `leading`, the folded text, and `leadingSegments`, the whole segments
 * of it. Never longer than what all paths share; it may be shorter.
 */
export const leadingText = (
  expressions: readonly Expression[],
  fold: (text: string) => string,
): { readonly leading: string; readonly leadingSegments: readonly string[] } => {
  const found = expressions.map(expression => {
    const { text, whole } = leadOf(expression)
    const folded = fold(text)
    const segments = folded.split(SLASH)
    return { folded, segments: whole ? segments : segments.slice(0, -1) }
  })
  const [first, ...others] = found
  if (first === undefined) return { leading: '', leadingSegments: [] }
  let length = first.folded.length
  let segmentCount = first.segments.length
  for (const { folded, segments } of others) {
    length = sharedLength(length, at => folded[at] === first.folded[at])
    segmentCount = sharedLength(segmentCount, at => segments[at] === first.segments[at])
  }
  return { leading: first.folded.slice(0, length), leadingSegments: first.segments.slice(0, segmentCount) }
}

const sharedLength = (most: number, same: (at: number) => boolean): number => {
  let length = 0
  while (length < most && same(length)) length += 1
  return length
}

/** The literal start of an expression; `whole` when a segment ends there in every path. */
const leadOf = (expression: Expression): { readonly text: string; readonly whole: boolean } => {
  let text = ''
  for (const part of partsOf(expression)) {
    if (part.is === 'choice') return { text, whole: part.options.every(endsSegment) }
    if (part.is !== 'leaf') return { text, whole: false }
    if (part.leaf.is === 'unit') text += String.fromCharCode(part.leaf.unit)
    else if (part.leaf.is === 'end') return { text, whole: true }
    else if (part.leaf.is !== 'nothing' && part.leaf.is !== 'some-ahead' && part.leaf.is !== 'name-ahead')
      return { text, whole: false }
  }
  return { text, whole: true }
}

const endsSegment = (option: Expression): boolean => {
  const first = partsOf(option).find(part => !(part.is === 'leaf' && part.leaf.is === 'nothing'))
  return (
    first?.is === 'leaf' &&
    (first.leaf.is === 'end' || (first.leaf.is === 'unit' && first.leaf.unit === SLASH.charCodeAt(0)))
  )
}

const partsOf = (expression: Expression): readonly Expression[] =>
  expression.is === 'sequence' ? expression.parts : [expression]
