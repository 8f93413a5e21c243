import type { Configuration } from '@holdfast/core'

/** What is said of a kind that the ledger gives no budget, though it gives others one: a slip takes the budget away. */
export function unknownKind(kind: string | undefined, { kinds }: Pick<Configuration, 'kinds'>): readonly string[] {
  const known = Object.keys(kinds)
  if (kind === undefined || known.length === 0 || Object.hasOwn(kinds, kind)) return []
  return [
    `kind: ${JSON.stringify(kind)} has no budget here, so nothing limits it; the ledger knows ${known.join(', ')}.`,
  ]
}
