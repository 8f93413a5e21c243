/** The flags that every command takes. */
export interface Globals {
  readonly store?: string
  readonly ledger: string
  readonly json?: boolean
  readonly create?: boolean
  /** False with `--no-server`. */
  readonly server?: boolean
  readonly config?: string
  readonly reason?: string
  readonly timeout?: string
}
