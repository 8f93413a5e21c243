import { overlap, parseRegion } from '@holdfast/core'
import { PATHS } from './globs.ts'
import { judge } from './judge.ts'

export type Pair = { readonly a: string; readonly b: string; readonly caseSensitive: boolean }
export type Overlap = ReturnType<typeof overlap>
export type Decide = (pair: Pair) => Overlap

/** The product's decision over two normalised globs. */
export const decide: Decide = ({ a, b, caseSensitive }) => {
  const left = parseRegion([a], { caseSensitive })
  const right = parseRegion([b], { caseSensitive })
  if (!left.ok || !right.ok) throw new Error('only valid globs are decided')
  return overlap({ a: left.region, b: right.region })
}

/** The pair with its globs normalised, or undefined when one is not valid. */
export const normalized = ({ a, b, caseSensitive }: Pair): Pair | undefined => {
  const left = parseRegion([a], { caseSensitive })
  const right = parseRegion([b], { caseSensitive })
  const [first] = left.ok ? left.region.globs : []
  const [second] = right.ok ? right.region.globs : []
  return first === undefined || second === undefined ? undefined : { a: first, b: second, caseSensitive }
}

/**
 * Compares a decision with picomatch over all paths, both ways: a path that both match must be found, and a witness must
 * match both. Returns what is wrong, or undefined.
 */
export const disagreement = (pair: Pair, answer: Overlap): string | undefined => {
  const matchesA = judge(pair.a, pair)
  const matchesB = judge(pair.b, pair)
  const where = `${JSON.stringify(pair.a)} and ${JSON.stringify(pair.b)}`
  if (!answer.overlap) {
    const shared = PATHS.find(path => matchesA(path) && matchesB(path))
    return shared === undefined ? undefined : `${where} share ${JSON.stringify(shared)}, which was missed`
  }
  const { witness } = answer
  if (witness === undefined) return `${where} overlap without a witness`
  return matchesA(witness) && matchesB(witness) ? undefined : `${where} do not share ${JSON.stringify(witness)}`
}
