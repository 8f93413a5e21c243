import { tokenAt } from '@holdfast/core/internal'
import { explainEvent, instantOf, leaseJson } from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import { explainedLines } from '@holdfast/server/text'
import { logLine } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { demandPast, demandRevision } from '../input/history-point.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import { whyName } from './why-name.ts'

/** `why`: explains a recorded event, or how a lane or a lease came to be as it is. */
export const why: Define = (command, shell) => {
  command.argument('<what>', 'r<revision> (the id of a refusal), a leaseId or a lane')
  examples(command, 'holdfast why r1403', 'holdfast why api --json')
  shell.does(command, async (what: string) => {
    const revision = demandRevision(what, 'what')
    await using ledger = await openFold(shell)
    await (revision === undefined ? whyName(shell, ledger, what) : whyEvent(shell, ledger, revision))
    return EXIT.done
  })
}

async function whyEvent(shell: Shell, { at, store, stream, nowMs }: OpenFold, revision: number): Promise<void> {
  demandPast({ revision }, 'what', { head: at.head, nowMs })
  const explained = await explainEvent(store, stream, revision)
  if (explained === null) {
    const message = `Nothing stands at r${revision}: it falls into a gap, or was dropped from the archive. \`holdfast log\` shows what there is.`
    throw new StoreError('invalid', message)
  }
  const { entry, causedBy, blockers, grantedLater: grant } = explained
  const answer = {
    ...at,
    about: 'revision',
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
  await shell.answer(answer, () => explainedLines(explained, nowMs))
}
