import type { Atom, Leaf } from './atom.ts'
import type { GlobFault } from './normalize-glob.ts'

/** A glob's meaning as a tree. */
export type Expression =
  | Leaf
  | Sequence
  | { readonly is: 'choice'; readonly options: readonly Sequence[] }
  | { readonly is: 'repeated'; readonly part: Expression }

export type Sequence = { readonly is: 'sequence'; readonly parts: readonly Expression[] }

/** Nests atoms by their groups. Fault: a repetition of nothing, which picomatch hands to JavaScript as an invalid expression. */
export const parseAtoms = (atoms: readonly Atom[]): Sequence | GlobFault => {
  const groups: { options: Sequence[]; parts: Expression[] }[] = []
  let options: Sequence[] = []
  let parts: Expression[] = []
  for (const atom of atoms) {
    switch (atom.is) {
      case 'open':
        groups.push({ options, parts })
        options = []
        parts = []
        break
      case 'or':
        options.push({ is: 'sequence', parts })
        parts = []
        break
      case 'close': {
        const choice: Expression = { is: 'choice', options: [...options, { is: 'sequence', parts }] }
        // Every group closes after it opened: `readGlob` writes them in pairs, which the type does not say.
        const outer = groups.pop() ?? { options: [], parts: [] }
        options = outer.options
        parts = outer.parts
        parts.push(choice)
        break
      }
      case 'repeat': {
        const last = parts.pop()
        if (last === undefined)
          return { reason: 'a `+` here repeats nothing (`[+]` is the sign itself)', position: atom.position }
        parts.push({ is: 'repeated', part: last })
        break
      }
      case 'broken':
        return { reason: 'picomatch cannot read this', position: atom.position }
      case 'text':
      case 'class':
      case 'any':
      case 'many':
      case 'some-ahead':
      case 'name-ahead':
      case 'end':
      case 'never':
      case 'nothing':
        parts.push(atom)
    }
  }
  return { is: 'sequence', parts }
}
