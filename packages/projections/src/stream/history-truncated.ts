import type { Revision } from '@holdfast/core'

/**
 * The history in [from, to] is gone: it was compacted, and then dropped from the archive. Subscribe again after `to` to
 * go on with the CHECKPOINT that stands for it.
 */
export class HistoryTruncated extends Error {
  readonly code = 'truncated'
  readonly from: Revision
  readonly to: Revision

  constructor({ from, to }: { readonly from: Revision; readonly to: Revision }) {
    super(`Revisions ${from} to ${to} are gone: they were dropped from the archive.`)
    this.name = 'HistoryTruncated'
    this.from = from
    this.to = to
  }
}
