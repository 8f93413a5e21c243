const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of somebody else, made harmless for a terminal: no control characters, no second line. */
export function plain(text: string): string {
  return text.replaceAll(CONTROLS, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
