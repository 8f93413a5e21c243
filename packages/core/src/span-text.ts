/** A span for people, in its two largest units: `1min 30s`, `250ms`. It is not meant to be read back. */
export function spanText(spanMs: number): string {
  if (spanMs < 1000) return `${Math.round(spanMs)}ms`
  let leftS = Math.round(spanMs / 1000)
  const parts: string[] = []
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(leftS / seconds)
    leftS -= count * seconds
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
