/** The part of picomatch 4 that the judge uses. */
declare module 'picomatch' {
  type Options = {
    readonly dot: boolean
    readonly nonegate: boolean
    readonly noextglob: boolean
    readonly posix: boolean
    readonly nocase?: boolean
    readonly flags?: string
  }
  const picomatch: { readonly makeRe: (glob: string, options: Options) => RegExp }
  export default picomatch
}
