import { statSync } from 'node:fs'
import { rootToRecord, type RecordedRoot } from '@holdfast/engine/which-ledger'
import { UsageError } from '../failure/usage-error.ts'
import { pathOf } from '../program/store-url.ts'

const EACH = 'each'

/** The root that is asked for, for a store that has none by its place. */
export function rootAsked(url: string, root: string): RecordedRoot {
  const path = pathOf(url)
  if (path === null) {
    throw new UsageError(
      'root: regions of a ledger on a server are relative to the top of each caller’s work tree; leave --root out.',
    )
  }
  if (root !== EACH && statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`root: ${JSON.stringify(root)} is no folder.`)
  }
  const record = rootToRecord(path, root === EACH ? EACH : { folder: root })
  if (record !== null) return record
  throw new UsageError('root: for a ledger in a git directory the root is the top of each work tree; leave --root out.')
}
