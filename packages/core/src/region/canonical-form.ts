/** Below it no character changes in normal form C, nor combines with what stands before it. */
const FIRST_CHANGED = 0x03_00

/**
 * `text` in Unicode's normal form C, in which `é` is one unit however it was typed: where case is ignored, two names are
 * the same when these are. Most text is returned as it is, after one look at its units.
 */
export const canonical = (text: string): string => {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= FIRST_CHANGED) return text.normalize('NFC')
  return text
}

/** The position in `text` of what stands at `position` of its canonical form: where the character begins that it came from. */
export const canonicalOrigin = (text: string, position: number): number => {
  let length = 0
  let origin = 0
  for (const [character] of text.matchAll(/\P{M}\p{M}*|\p{M}+/gu)) {
    length += canonical(character).length
    if (length > position) return origin
    origin += character.length
  }
  return origin
}
