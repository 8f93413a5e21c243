/** Puts a text into the JSON that a protocol wants, wherever `{text}` stands. */
export function inProtocol(answer: unknown, text: string): unknown {
  if (typeof answer === 'string') return answer.replaceAll('{text}', () => text)
  if (Array.isArray(answer)) return answer.map(each => inProtocol(each, text))
  if (typeof answer !== 'object' || answer === null) return answer
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, inProtocol(value, text)]))
}
