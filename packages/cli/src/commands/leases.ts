import { drainingJson, drainingViews, haltJson, leaseJson, pendingHalts, queryLeases } from '@holdfast/projections'
import type { LeasesAnswer } from '@holdfast/server/schemas'
import { EXIT } from '../failure/exit-code.ts'
import { historyPoint } from '../input/history-point.ts'
import { leasesLines } from '../print/leases-lines.ts'
import { foldAt } from '../program/fold-at.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'

/** `leases`: the live set, expired ones marked, what drains, and what is asked to stop. */
export const leases: Define = (command, shell) => {
  command.option(
    '--at <point>',
    'list the leases at an earlier point: r<revision>, or a time such as 2026-05-01T14:03:00Z',
  )
  examples(command, 'holdfast leases', "holdfast leases --at 2026-05-01T14:03:00Z --json | jq -r '.leases[].lane'")
  shell.does(command, async ({ at: point }: { readonly at?: string }) => {
    await using ledger = await openFold(shell)
    const { at, fold, nowMs } = point === undefined ? ledger : await foldAt(ledger, historyPoint(point, 'at'), 'at')
    const ownClock = point === undefined ? ledger.ownClock : undefined
    const answer: LeasesAnswer = {
      ...at,
      leases: queryLeases(fold, nowMs).map(leaseJson),
      draining: drainingViews(fold.state, { nowMs, ownClock }).map(drainingJson),
      halts: pendingHalts(fold.state, nowMs).map(haltJson),
    }
    await shell.answer(answer, () => leasesLines(answer, { nowMs, asker: shell.workTree }))
    return EXIT.done
  })
}
