import type { Revision } from '@holdfast/core'

/**
 * The log no longer holds the history in [from, to]: it was compacted, and the archive has it. Subscribe again after
 * `to` to go on with the CHECKPOINT that stands for it.
 */
export class HistoryTruncated extends Error {
  readonly code = 'truncated'
  readonly from: Revision
  readonly to: Revision

  constructor({ from, to }: { readonly from: Revision; readonly to: Revision }) {
    super(`The log no longer holds revisions ${from} to ${to}: they were compacted into the archive.`)
    this.name = 'HistoryTruncated'
    this.from = from
    this.to = to
  }
}
