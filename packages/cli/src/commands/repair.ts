import { atLedger } from '@holdfast/server/answers'
import { checkpointed } from '../answer/recorded-answer.ts'
import { EXIT } from '../failure/exit-code.ts'
import { required, wholeNumber } from '../input/flag-values.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { RepairAnswer } from '../schemas/ledger.ts'

interface RepairFlags {
  readonly skip?: string
}

/** `repair`: records the decision that an event which this program cannot read may be passed over. */
export const repair: Define = (command, shell) => {
  command.option('--skip <revision>', 'revision of the event to skip')
  examples(command, "holdfast repair --skip 41 --reason 'written by a broken tool'", 'holdfast repair --skip 41 --json')
  shell.does(command, async ({ skip }: RepairFlags) => {
    const revision = wholeNumber(required(skip, 'skip', '--skip REVISION'), 'skip')
    await using ledger = await shell.openLedger({ create: false })
    checkpointed(await ledger.repair(revision, shell.reason))
    const { unreadable } = await ledger.refresh()
    const answer: RepairAnswer = { ...atLedger(ledger), skipped: revision, unreadable: [...unreadable] }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ skipped, unreadable }: RepairAnswer): readonly string[] {
  const rest = unreadable.length === 0 ? 'writers are welcome again' : `still in the way: r${unreadable.join(', r')}`
  return [`${tone.good('recorded')}  r${skipped} is passed over; ${rest}`]
}
