import {
  drainingJson,
  drainingViews,
  haltJson,
  instantOf,
  leaseJson,
  pendingHalts,
  queryLeases,
} from '@holdfast/projections'
import type { LeasesAnswer } from '@holdfast/server/schemas'
import { EXIT } from '../failure/exit-code.ts'
import { askedPoint } from '../program/asked-point.ts'
import { leasesLines } from '../print/leases-lines.ts'
import { foldAt } from '../program/fold-at.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'

/** `leases`: the live set, expired ones marked, what drains, and what is asked to stop. */
export const leases: Define = (command, shell) => {
  command.option(
    '--at <point>',
    'list the leases at an earlier point: r<revision>, a time such as 2026-05-01T14:03:00Z or 14:03, or "2h ago"',
  )
  examples(
    command,
    "holdfast leases --at 'yesterday 14:03'",
    "holdfast leases --at 2026-05-01T14:03:00Z --json | jq -r '.leases[].lane'",
  )
  shell.does(command, async ({ at: point }: { readonly at?: string }) => {
    const asked = point === undefined ? null : await askedPoint(shell, point, 'at')
    await using ledger = await openFold(shell)
    const { at, fold, nowMs } = asked === null ? ledger : await foldAt(ledger, asked, 'at')
    const ownClock = asked === null ? ledger.ownClock : undefined
    const answer: LeasesAnswer = {
      ...at,
      ...(asked === null ? {} : { asOf: instantOf(nowMs) }),
      leases: queryLeases(fold, nowMs).map(leaseJson),
      draining: drainingViews(fold.state, { nowMs, ownClock }).map(drainingJson),
      halts: pendingHalts(fold.state, nowMs).map(haltJson),
    }
    await shell.answer(answer, () => leasesLines(answer, { nowMs, asker: shell.workTree }))
    return EXIT.done
  })
}
