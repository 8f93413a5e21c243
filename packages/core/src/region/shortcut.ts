import { DEEP, CLOSE, END, NEVER, ONE, OPEN, OR, SOME_AHEAD, STAR, literal, type Atom } from './atom.ts'

const SLASH_ATOMS = literal('/')
const DOT_ATOMS = literal('.')
const BELOW: readonly Atom[] = [OPEN, DEEP, ...SLASH_ATOMS, OR, CLOSE]

/** Whole globs that picomatch 4.0.7 reads by a table, where the reading is not always that of their parts: `*.*` asks for a unit behind the dot. */
const WHOLE: ReadonlyMap<string, readonly Atom[]> = new Map([
  ['*', [SOME_AHEAD, STAR]],
  ['.*', [...DOT_ATOMS, SOME_AHEAD, STAR]],
  ['*.*', [STAR, ...DOT_ATOMS, SOME_AHEAD, STAR]],
  ['*/*', [STAR, ...SLASH_ATOMS, SOME_AHEAD, STAR]],
  ['**', [DEEP]],
  ['**/*', [...BELOW, SOME_AHEAD, STAR]],
  ['**/*.*', [...BELOW, STAR, ...DOT_ATOMS, SOME_AHEAD, STAR]],
  ['**/.*', [...BELOW, ...DOT_ATOMS, SOME_AHEAD, STAR]],
])

/**
 * The reading of a glob from that table, with any number of `.word` endings: `**.ts` means "anything, at any depth, that
 * ends in .ts", which `a/**.ts` does not. Undefined when the table does not cover the glob.
 */
export const readWhole = (glob: string): readonly Atom[] | undefined => {
  const whole = WHOLE.get(glob)
  if (whole !== undefined) return whole
  const ending = /\.\w+$/.exec(glob)?.[0]
  if (ending === undefined) return undefined
  const before = readWhole(glob.slice(0, -ending.length))
  return before === undefined ? undefined : [...before, ...literal(ending)]
}

const SEVERAL_SEGMENTS_OR_GROUPS = /^[*!]|[/()[\]{}"]/

/**
 * The reading of a glob of one segment without classes or braces, which picomatch 4.0.7 also reads apart: a run of stars
 * is one star, `?` is any unit, and in a run of one repeated sign only the first is escaped. So `c++` takes one plus or
 * more, `a$$` takes `a$` alone, `^^` nothing; three or more plus signs make an expression that JavaScript rejects.
 * Undefined for any other glob.
 */
export const readOneSegment = (glob: string): readonly Atom[] | undefined => {
  if (SEVERAL_SEGMENTS_OR_GROUPS.test(glob)) return undefined
  const atoms: Atom[] = []
  for (const { 0: run, index } of glob.matchAll(/\w+|(\W)\1*/g)) {
    const sign = run.charAt(0)
    const rest = run.length - 1
    if (sign === '?') atoms.push(...Array.from(run, () => ONE))
    else if (sign === '*') atoms.push(STAR)
    else if (sign === '+' && rest > 0) {
      atoms.push(...literal('+'), { is: 'repeat', position: index + 1 })
      if (rest > 1) atoms.push({ is: 'broken', position: index + 2 })
    } else if (sign === '$' && rest > 0) atoms.push(...literal('$'), END)
    else if (sign === '^' && rest > 0) atoms.push(...literal('^'), NEVER)
    else atoms.push(...literal(run))
  }
  return atoms
}
