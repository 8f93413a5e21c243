import { tokenAt } from '@holdfast/core/internal'
import { explainEvent, instantOf, leaseJson } from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import { explainedLines } from '../text/why-lines.ts'
import type { AskedLedger } from './asked-ledger.ts'
import type { Explained } from './explain-name.ts'
import { logLine } from './log-line.ts'

/** One event: what it says, what it followed from, what came of it, and what stood in its way then. */
export async function explainRevision(
  { at, store, stream, nowMs }: Pick<AskedLedger, 'at' | 'store' | 'stream' | 'nowMs'>,
  revision: number,
): Promise<Explained> {
  const explained = await explainEvent(store, stream, revision)
  if (explained === null) {
    const message = `Nothing stands at r${revision}: it falls into a gap, or was dropped from the archive. \`holdfast log\` shows what there is.`
    throw new StoreError('invalid', message)
  }
  const { entry, causedBy, blockers, grantedLater: grant } = explained
  const answer = {
    ...at,
    about: 'revision' as const,
    event: logLine(entry),
    causedBy: causedBy === null ? null : logLine(causedBy),
    blockers: blockers.map(leaseJson),
    grantedLater:
      grant === null
        ? null
        : {
            revision: grant.revision,
            at: instantOf(grant.recordedAt),
            leaseId: grant.data.leaseId,
            token: tokenAt(grant.revision),
          },
  }
  return { answer, lines: () => explainedLines(explained, nowMs) }
}
