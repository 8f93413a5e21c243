/** What a shell reads as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** What a terminal would act on, or hide: such characters are written as octal numbers. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u
const SHOWN_AS_OCTAL = new RegExp(NOT_SHOWN, 'gu')

/**
 * `text` as one word of a POSIX shell, on one line and without anything that a terminal would act on: pasted, it is the
 * text again, every byte of it. A line feed at its end would be lost in a command substitution, and is followed by a slash:
 * for paths, which a slash at the end does not change.
 */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text
  if (!NOT_SHOWN.test(text)) return singleQuoted(text)
  const kept = text.endsWith('\n') ? `${text}/` : text
  const format = kept
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('%', '%%')
    .replaceAll(SHOWN_AS_OCTAL, character =>
      Array.from(new TextEncoder().encode(character), byte => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    )
  return `"$(printf -- ${singleQuoted(format)})"`
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
