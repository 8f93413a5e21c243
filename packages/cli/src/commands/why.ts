import { explainName, explainRevision } from '@holdfast/server/answers'
import { askedFrom } from '../answer/surroundings.ts'
import { EXIT } from '../failure/exit-code.ts'
import { demandPast, demandRevision } from '../input/history-point.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'

/** `why`: explains a recorded event, or how a lane or a lease came to be as it is. */
export const why: Define = (command, shell) => {
  command.argument('<what>', 'r<revision> (the id of a refusal), a leaseId or a lane')
  examples(command, 'holdfast why r1403', 'holdfast why api --json')
  shell.does(command, async (what: string) => {
    const revision = demandRevision(what, 'what')
    await using ledger = await openFold(shell)
    if (revision !== undefined) demandPast({ revision }, 'what', { head: ledger.at.head, nowMs: ledger.nowMs })
    const explained =
      revision === undefined
        ? await explainName({ ...ledger, ...askedFrom(shell) }, what)
        : await explainRevision(ledger, revision)
    await shell.answer(explained.answer, explained.lines)
    return EXIT.done
  })
}
