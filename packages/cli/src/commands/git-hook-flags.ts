import { workTreeAt } from '@holdfast/engine/which-ledger'
import { guardedRoot, type Writer } from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { firstFaults } from '../input/faults.ts'
import type { HolderFlag } from '../input/ownership-flags.ts'
import { WriterHolder } from '../input/writer-shapes.ts'
import type { Shell } from '../program/shell.ts'

/** Flags of the hooks that git calls. */
export interface GitHookFlags extends HolderFlag {
  readonly root?: string
}

/** Who does it, and what regions are relative to. */
export function gitWriter(
  shell: Shell,
  { holder: named, root: asked }: GitHookFlags,
): { root: string; writer: Writer } {
  const root = asked === undefined ? shell.which.root : guardedRoot(asked, workingFolder())
  const workTree = asked === undefined ? shell.workTree : workTreeAt(root)
  if (named === undefined || named === '') return { root, writer: { holder: null, workTree } }
  const holder = WriterHolder.safeParse(named)
  if (!holder.success) throw new UsageError(`holder: ${firstFaults(holder.error)}`)
  return { root, writer: { holder: holder.data, workTree } }
}
