import picomatch from 'picomatch'

/** What picomatch says of one normalised glob: does it match this path? Written from the design alone, without our code. */
export const judge = (
  glob: string,
  { caseSensitive }: { readonly caseSensitive: boolean },
): ((path: string) => boolean) => {
  const meant = /[*?[{]/.test(glob) ? [glob] : [glob, `${glob}/**`]
  const expressions = meant.map(one =>
    picomatch.makeRe(one.replaceAll(/[()|"]/g, String.raw`\$&`), {
      dot: true,
      nonegate: true,
      noextglob: true,
      posix: true,
      nocase: !caseSensitive,
    }),
  )
  return path => expressions.some(expression => expression.test(path))
}
