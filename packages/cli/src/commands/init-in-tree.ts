import { existsSync } from 'node:fs'
import { checkLedgerId, inTreeLedger, recordRoot, recordRootOf, type RecordedRoot } from '@holdfast/engine/which-ledger'
import { openStore, type LogStore } from '@holdfast/store'
import { UsageError } from '../failure/usage-error.ts'
import { environment, workingFolder } from '../input/environment.ts'
import type { Shell } from '../program/shell.ts'

/** The store at the top of the main work tree, whether it is there or not. */
export function inTreePath(shell: Shell): string {
  if (shell.globals.store !== undefined || environment('HOLDFAST_STORE') !== undefined) {
    throw new UsageError('in-tree: a store is named, by --store or HOLDFAST_STORE; leave one of them out.')
  }
  return inTreeLedger(workingFolder())
}

/** Makes that store, or opens it; from then on it is the one that is found there. */
export function openInTree(shell: Shell, record: RecordedRoot | undefined): Promise<LogStore> {
  const path = inTreePath(shell)
  const url = `sqlite:${path}`
  if (!existsSync(path)) checkLedgerId({ ledgerId: null, url })
  const onMaking = (made: string): void => (record === undefined ? recordRootOf(made, {}) : recordRoot(made, record))
  return openStore(url, { onMaking })
}
