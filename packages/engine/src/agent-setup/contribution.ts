/** What setup puts into one file. */
export type Contribution =
  /** An element of a list; `mark`: words that tell ours from others, of whatever age. */
  | { readonly form: 'element'; readonly list: readonly string[]; readonly element: object; readonly mark: string }
  /** A member of ours, in the place of an older one. */
  | { readonly form: 'member'; readonly path: readonly string[]; readonly value: unknown }
  /** A member that is set where nobody has set it. */
  | { readonly form: 'default'; readonly path: readonly string[]; readonly value: unknown }
  /** A table of a TOML file. */
  | { readonly form: 'table'; readonly names: readonly string[]; readonly text: string }
  /** All of a file that is ours alone; `mark`: words by which an older one is known. */
  | { readonly form: 'whole'; readonly text: string; readonly mark: string }

/** One file that setup writes, and what into it. */
export interface SetupFile {
  /** Absolute. */
  readonly file: string
  readonly contributions: readonly Contribution[]
}
