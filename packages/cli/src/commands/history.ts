import { lineageJson } from '@holdfast/projections'
import { readPast } from '@holdfast/projections/internal'
import { eventLine, lineageLines } from '@holdfast/server/text'
import { logLine } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { wholeCount } from '../input/flag-values.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'

/** Events that are shown unless told otherwise. */
const SHOWN = 100

/** `history`: who held a lane or a lease, why it changed hands, and everything that was recorded about it. */
export const history: Define = (command, shell) => {
  command
    .argument('<lane-or-lease>')
    .option('-n <count>', `show only the newest events, at most so many (default ${SHOWN})`)
  examples(command, 'holdfast history api', 'holdfast history api@42 -n 10 --json')
  shell.does(command, async (name: string, { n }: { readonly n?: string }) => {
    const last = n === undefined ? SHOWN : wholeCount(n, 'n')
    await using ledger = await openFold(shell)
    const { at, store, stream, nowMs } = ledger
    const { events, earlier, lineages } = await readPast(store, stream, { name, last, nowMs })
    const lineage = lineages.map(lineageJson)
    const answer = { ...at, name, lineage, events: events.map(logLine), earlierEvents: earlier }
    await shell.answer(answer, () => {
      if (events.length + earlier === 0) return [`Nothing is recorded about ${plain(name)}.`]
      return [
        ...lineage.flatMap(one => lineageLines(one, nowMs)),
        ...(earlier === 0 ? [] : [tone.faint(`${earlier} earlier events; -n shows more.`)]),
        ...events.map(eventLine),
      ]
    })
    return EXIT.done
  })
}
