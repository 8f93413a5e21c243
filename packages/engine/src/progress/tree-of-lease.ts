import { realpathSync } from 'node:fs'
import { holdsInTree } from '@holdfast/core/internal'
import { locationAtLeast } from '../which-ledger/work-tree.ts'
import { workTreeAt } from '../which-ledger/which-ledger.ts'
import { unknownProgress, type ProgressQuery, type ProgressReading } from './progress-probe.ts'

/** Where the work of a lease shows. `certain`: nothing found there means that there is nothing. */
export interface TreeOfLease {
  readonly directory: string
  readonly certain: boolean
}

/**
 * The folder to look for a lease's work in: `directory` where that lies in the lease's work tree, else the tree that the
 * lease recorded, if it is there and the same one. `null`: nowhere here. In a repository the work of a lease of an unknown
 * tree may show in any of them.
 */
export function treeOfLease(directory: string, { workTree }: Pick<ProgressQuery, 'workTree'>): TreeOfLease | null {
  if (workTree === undefined) return { directory, certain: true }
  if (workTree === null) return { directory, certain: locationAtLeast(directory, {}).repository === null }
  const here = workTreeAt(directory)
  if (here !== null && holdsInTree(workTree, here)) return { directory, certain: true }
  const there = workTreeAt(workTree.path)
  const isThere = there !== null && holdsInTree(workTree, there) && isSameFolder(there.path, workTree.path)
  return isThere ? { directory: there.path, certain: true } : null
}

/** What a probe says of a lease's work: counted in the lease's own tree, or unknown. */
export async function readInTree(
  directory: string,
  query: ProgressQuery,
  read: (directory: string) => Promise<ProgressReading>,
): Promise<ProgressReading> {
  const location = treeOfLease(directory, query)
  if (location === null) {
    const where = query.workTree?.path ?? 'an unknown work tree'
    return unknownProgress(
      'other-tree',
      `the lease is of the work tree ${where}, which is not to be seen from ${directory}`,
    )
  }
  const reading = await read(location.directory)
  if (location.certain || reading.outcome === 'unknown' || reading.count > 0) return reading
  return unknownProgress('other-tree', `nothing in ${directory}, and the lease may be of another work tree`)
}

function isSameFolder(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b)
  } catch {
    return false
  }
}
