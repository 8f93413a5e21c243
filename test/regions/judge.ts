import picomatch from 'picomatch'

/**
 * What picomatch says of one normalised glob: does it match this path? Written from docs/regions.md alone, without our code.
 * With the flag `s`, which picomatch itself does not set: a dot, and so `**`, takes line ends too. Where case is ignored,
 * both are in Unicode's normal form C.
 */
export const judge = (
  glob: string,
  { caseSensitive }: { readonly caseSensitive: boolean },
): ((path: string) => boolean) => {
  const composed = (text: string): string => (caseSensitive ? text : text.normalize('NFC'))
  const text = composed(glob)
  const meant = /[*?[{]/.test(text) ? [text] : [text, `${text}/**`]
  const expressions = meant.map(one =>
    picomatch.makeRe(one.replaceAll(/[()|"]/g, String.raw`\$&`), {
      dot: true,
      nonegate: true,
      noextglob: true,
      posix: true,
      flags: caseSensitive ? 's' : 'is',
    }),
  )
  return path => expressions.some(expression => expression.test(composed(path)))
}
