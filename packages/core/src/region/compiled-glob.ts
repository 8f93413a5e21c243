import { GLOB_CACHE_LENGTH_MAX } from './bounds.ts'
import { parseAtoms, type Sequence } from './expression.ts'
import { foldText } from './fold-case.ts'
import { leadingText } from './leading-text.ts'
import type { GlobFault } from './normalize-glob.ts'
import { readGlob } from './read-glob.ts'
import { DoorkeeperCache } from './doorkeeper-cache.ts'

/** One normalised glob, understood. */
export type CompiledGlob = {
  readonly text: string
  /** Set when the glob means a folder and all that is below it, and nothing else: its path, as written and folded. */
  readonly tree: { readonly path: string; readonly folded: string } | undefined
  /** Folded text with which every covered path begins. */
  readonly leading: string
  /** Folded leading segments of every covered path. */
  readonly leadingSegments: readonly string[]
  /** What the glob means; the union when there are several. */
  readonly expressions: readonly Sequence[]
}

const WILDCARD = /[*?[{]/
/** Signs that change a glob of one segment when repeated (see `readOneSegment`). */
const NOT_A_PLAIN_TREE = /^[^/]*(?:\+\+|\$\$|\^\^)/

/** Understands a normalised glob, or says what is wrong with it. An entry without wildcard, E, means E and `E/**`. */
export const compileGlob = (
  text: string,
  { caseSensitive }: { readonly caseSensitive: boolean },
): CompiledGlob | GlobFault => {
  const kept = caseSensitive ? keptSensitive : keptFolded
  const known = kept.get(text)
  if (known !== undefined) return known
  const compiled = compile(text, caseSensitive)
  if (!('reason' in compiled)) kept.offer(text, compiled)
  return compiled
}

const keptSensitive = new DoorkeeperCache<CompiledGlob>({ lengthMax: GLOB_CACHE_LENGTH_MAX })
const keptFolded = new DoorkeeperCache<CompiledGlob>({ lengthMax: GLOB_CACHE_LENGTH_MAX })

const compile = (text: string, caseSensitive: boolean): CompiledGlob | GlobFault => {
  const fold = caseSensitive ? (unfolded: string): string => unfolded : foldText
  const plain = !WILDCARD.test(text)
  const path = plain ? text : text.endsWith('/**') ? text.slice(0, -'/**'.length) : ''
  const isTree = path !== '' && !WILDCARD.test(path) && !NOT_A_PLAIN_TREE.test(path)
  const expressions: Sequence[] = []
  for (const glob of isTree ? [`${path}/**`] : plain ? [text, `${text}/**`] : [text]) {
    const atoms = readGlob(glob)
    if ('reason' in atoms) return atoms
    const expression = parseAtoms(atoms)
    if ('reason' in expression) return expression
    expressions.push(expression)
  }
  return {
    text,
    tree: isTree ? { path, folded: fold(path) } : undefined,
    ...leadingText(expressions, fold),
    expressions,
  }
}
