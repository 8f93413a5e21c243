const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** What `tone` puts around a text: a control character and the number of one of its colours. */
const COLOUR_OR_UNSEEN = /\p{Cc}\[(?:1|2|22|31|32|33|39)m|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of somebody else, made harmless for a terminal: no control or format characters, no second line. */
export function plain(text: string): string {
  return text.replaceAll(UNSEEN, named)
}

/**
 * A line, or several, as it goes to the terminal: our own colours and line ends stay, every other character that is not
 * seen is named. All output but data passes through here, so a name is harmless wherever it is told.
 */
export function screened(text: string): string {
  return text.replaceAll(COLOUR_OR_UNSEEN, found => {
    if (found === '\n' || (found.length > 1 && found.startsWith('\u001B'))) return found
    return found.length > 1 ? named(found.slice(0, 1)) + found.slice(1) : named(found)
  })
}

/** A value as a line of JSON. What is not seen is written as a number, which every reader of JSON takes for the same. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(UNSEEN, character =>
    character
      .split('')
      .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

function named(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
