const PLAIN = /^[\w@%+=:,./-]+$/
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/**
 * A word as it is typed into a shell. One with characters that a terminal does not show is written in the `$'…'` of bash
 * and zsh, so that what is read is what is pasted.
 */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word
  if (!UNSEEN.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`
  const escaped = Array.from(word, character => {
    if (character === '\\' || character === "'") return `\\${character}`
    return UNSEEN.test(character) ? unicode(character) : character
  })
  return `$'${escaped.join('')}'`
}

function unicode(character: string): string {
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`
}
