import { instantOf, leaseJson, queryLeases, type LeaseView } from '@holdfast/projections'
import { leaseChanges, type LeaseChange } from '@holdfast/projections/internal'
import type { DiffAnswer } from '@holdfast/server/schemas'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { askedPoint } from '../program/asked-point.ts'
import { foldAt } from '../program/fold-at.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'

/** `diff`: what changed in the live set between two points of the history. */
export const diff: Define = (command, shell) => {
  command
    .argument('<a>', 'the earlier point: r<revision>, a time such as 2026-05-01T14:03:00Z or 14:03, or "2h ago"')
    .argument('<b>', 'the later point')
    // `-2h` is a point, and looks like an option.
    .allowUnknownOption()
  examples(command, 'holdfast diff r100 r200', "holdfast diff '2h ago' now --json")
  shell.does(command, async (a: string, b: string) => {
    const option = [a, b].find(text => text.startsWith('--'))
    if (option !== undefined) throw new UsageError(`Unknown option '${option}'; \`--help\` says how it is used.`)
    const points = [await askedPoint(shell, a, 'a'), await askedPoint(shell, b, 'b')] as const
    await using ledger = await openFold(shell)
    const earlier = await foldAt(ledger, points[0], 'a')
    const later = await foldAt(ledger, points[1], 'b')
    if (earlier.at.head > later.at.head) throw new UsageError('a: the first point is later than the second; swap them.')
    const changes = leaseChanges(queryLeases(earlier.fold, earlier.nowMs), queryLeases(later.fold, later.nowMs))
    const { began, ended, changedHands, kept } = changes
    const answer: DiffAnswer = {
      ...later.at,
      from: earlier.at.head,
      fromAsOf: instantOf(earlier.nowMs),
      asOf: instantOf(later.nowMs),
      began: began.map(leaseJson),
      ended: ended.map(leaseJson),
      changedHands: changedHands.map(bothJson),
      kept: kept.map(bothJson),
    }
    await shell.answer(answer, () => {
      const lines = [
        ...began.map(lease => `${tone.good('+')} ${leaseText(lease)}`),
        ...ended.map(lease => `${tone.bad('-')} ${leaseText(lease)}`),
        ...changedHands.map(
          ({ before, after }) => `${tone.warn('>')} ${leaseText(before)}  now of ${holderText(after)}`,
        ),
        ...kept.map(({ after }) => tone.faint(`= ${leaseText(after)}, kept by a beat`)),
      ]
      return lines.length === 0 ? ['The same leases at both.'] : lines
    })
    return EXIT.done
  })
}

function bothJson({ before, after }: LeaseChange): DiffAnswer['kept'][number] {
  return { before: leaseJson(before), after: leaseJson(after) }
}

function leaseText(lease: LeaseView): string {
  return `${lease.leaseId} of ${holderText(lease)}`
}

function holderText({ holder, token }: LeaseView): string {
  return `${plain(holder)}, token ${token}`
}
