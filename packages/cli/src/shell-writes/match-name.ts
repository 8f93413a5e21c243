/**
 * Whether a name matches a shell's pattern of one path segment: `*`, `?`, `[a-z]`, `[!a]`; `\` makes the next character
 * plain. A leading dot must be matched by a dot.
 */
export function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.') && !pattern.startsWith('\\.')) return false
  return matchesText(name, pattern)
}

/** The same for any text: a dot is like every other character. Works backwards from the last `*` that can take more. */
export function matchesText(text: string, pattern: string): boolean {
  let [at, in_, starAt, starIn] = [0, 0, -1, 0]
  while (at < text.length) {
    const step = in_ < pattern.length && pattern[in_] !== '*' ? stepOver(text, at, pattern, in_) : -1
    if (pattern[in_] === '*') {
      starAt = at
      starIn = in_ + 1
      in_ = starIn
    } else if (step > 0) {
      at += 1
      in_ = step
    } else if (starAt >= 0) {
      starAt += 1
      at = starAt
      in_ = starIn
    } else return false
  }
  while (pattern[in_] === '*') in_ += 1
  return in_ === pattern.length
}

/** Where the pattern goes on when its piece at `place` takes one character of the text; -1: it does not take it. */
function stepOver(text: string, at: number, pattern: string, place: number): number {
  const sign = pattern[place]
  const character = text[at] ?? ''
  if (sign === '?') return place + 1
  if (sign === '\\') return pattern[place + 1] === character ? place + 2 : -1
  if (sign !== '[') return sign === character ? place + 1 : -1
  const negated = pattern[place + 1] === '!' || pattern[place + 1] === '^'
  const begin = place + (negated ? 2 : 1)
  const end = pattern.indexOf(']', begin + 1)
  if (end < 0) return character === '[' ? place + 1 : -1
  return isIn(pattern.slice(begin, end), character) === negated ? -1 : end + 1
}

function isIn(set: string, character: string): boolean {
  for (let place = 0; place < set.length; place += 1) {
    const from = set[place] ?? ''
    const to = set[place + 2]
    if (set[place + 1] === '-' && to !== undefined) {
      if (from <= character && character <= to) return true
      place += 2
    } else if (from === character) return true
  }
  return false
}
