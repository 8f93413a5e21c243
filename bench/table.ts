import type { Result } from './measure.ts'

const UNITS = [
  { name: 's', ns: 1e9 },
  { name: 'ms', ns: 1e6 },
  { name: 'µs', ns: 1e3 },
  { name: 'ns', ns: 1 },
] as const

/** The results of one benchmark as aligned plain text. */
export function table(results: readonly Result[]): string {
  const rows = [
    ['case', 'median', 'min', 'p99', 'samples', 'ratio'],
    ...results.map(each => [
      each.name,
      time(each.medianNs),
      time(each.minNs),
      time(each.p99Ns),
      String(each.samples),
      ratio(each),
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
    .map(line => `  ${line.trimEnd()}`)
    .join('\n')
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function time(ns: number): string {
  const unit = UNITS.find(each => ns >= each.ns) ?? UNITS[UNITS.length - 1]
  return unit === undefined ? String(ns) : `${(ns / unit.ns).toPrecision(3)} ${unit.name}`
}

function ratio({ ratio: value, ratioMax, withinLimit }: Result): string {
  const limit = ratioMax === undefined ? '' : withinLimit ? ` (limit ${ratioMax})` : ` ABOVE ${ratioMax}`
  return `${value.toFixed(2)}x${limit}`
}
