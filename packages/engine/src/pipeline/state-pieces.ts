import { snapshotOf, type KeptState } from '@holdfast/core/internal'

/** Characters of a piece, about: what is made into text in one go. */
const PIECE_CHARACTERS = 64 * 1024

/** The JSON of a kept state's snapshot, piece by piece, so that whoever takes them can let others run between two. */
export function* statePieces(kept: KeptState): Generator<string, void, undefined> {
  let text = '{'
  let isFirst = true
  for (const [name, value] of Object.entries(snapshotOf(kept))) {
    if (value === undefined) continue
    text += `${isFirst ? '' : ','}${JSON.stringify(name)}:`
    isFirst = false
    if (!Array.isArray(value)) {
      text += JSON.stringify(value)
      continue
    }
    text += '['
    for (const [index, item] of value.entries()) {
      text += `${index === 0 ? '' : ','}${JSON.stringify(item)}`
      if (text.length < PIECE_CHARACTERS) continue
      yield text
      text = ''
    }
    text += ']'
  }
  yield `${text}}`
}
