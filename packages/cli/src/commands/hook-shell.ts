import type { Ledger } from '@holdfast/engine/lean'
import type { Output } from '../print/output.ts'
import type { Shell } from '../program/shell.ts'

/** What a call of an agent's hook needs of the command that answers it. */
export interface HookShell extends Pick<Shell, 'json' | 'which' | 'workTree' | 'globals' | 'typed'> {
  readonly out: Pick<Output, 'remark' | 'data' | 'flush' | 'fail'>
  readonly openLedger: (wish: { readonly create: boolean; readonly alone: boolean }) => Promise<Ledger>
  /** Finds the store that a socket's server names, before anything is asked of it. */
  readonly nameServedStore: () => Promise<void>
  readonly answer: Shell['answer']
  /** Whether nobody else waits while many files are looked at. */
  readonly mayLookLong: boolean
  /** Ends what is answered, whatever is under way. */
  readonly leave: (code: number) => number
}
