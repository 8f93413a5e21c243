/** Words that one brace may stand for. */
const WORDS_MAX = 1000

/**
 * What a brace stands for, as it is typed: `{a,b}` for two texts, `{1..3}` for three. Nested ones stay in the texts. `null`:
 * too many, or a form that is not read here.
 */
export function alternatives(brace: string): readonly string[] | null {
  const inner = brace.slice(1, -1)
  const parts = splitAtCommas(inner)
  return parts.length > 1 ? parts : sequence(inner)
}

/** Commas in quotes, in inner braces and behind a backslash belong to their part. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = []
  let [depth, quote, begin] = [0, '', 0]
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place] ?? ''
    if (sign === '\\' && quote !== "'") place += 1
    else if (quote !== '') quote = sign === quote ? '' : quote
    else if (sign === "'" || sign === '"') quote = sign
    else if (sign === '{') depth += 1
    else if (sign === '}') depth -= 1
    else if (sign === ',' && depth === 0) {
      parts.push(text.slice(begin, place))
      begin = place + 1
    }
  }
  return [...parts, text.slice(begin)]
}

function sequence(text: string): readonly string[] | null {
  const [from = '', to = '', step = '1', ...more] = text.split('..')
  if (more.length > 0) return null
  const [begin, end, by] = [Number(from), Number(to), Math.abs(Number(step))]
  const isLetters = from.length === 1 && to.length === 1 && Number.isNaN(begin) && Number.isNaN(end)
  if (isLetters) {
    const codes = numbers(from.charCodeAt(0), to.charCodeAt(0), by)
    return codes?.map(code => String.fromCharCode(code)) ?? null
  }
  if (from === '' || to === '' || !Number.isInteger(begin) || !Number.isInteger(end)) return null
  const width = from.startsWith('0') || to.startsWith('0') ? Math.max(from.length, to.length) : 0
  return numbers(begin, end, by)?.map(number => String(number).padStart(width, '0')) ?? null
}

function numbers(from: number, to: number, by: number): readonly number[] | null {
  if (!Number.isInteger(by) || Math.abs(to - from) > WORDS_MAX) return null
  const step = Math.max(1, by) * (from <= to ? 1 : -1)
  const count = Math.floor(Math.abs(to - from) / Math.abs(step)) + 1
  return Array.from({ length: count }, (_, place) => from + place * step)
}
