import { queryStatus, statusJson } from '@holdfast/projections'
import { WHY } from '@holdfast/server/text'
import { atPlace } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { serverText } from '../print/server-line.ts'
import { table } from '../print/table.ts'
import { clock, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import { serverThere } from '../program/server-there.ts'
import type { StatusAnswer } from '@holdfast/server/schemas'

/** `status`: a ledger at a glance. */
export const status: Define = (command, shell) => {
  examples(command, 'holdfast status', 'holdfast status --store sqlite:team.db --ledger staging --json')
  shell.does(command, async () => {
    await using ledger = await openFold(shell)
    const { at, fold, nowMs, store } = ledger
    const { config } = fold.state
    const answer: StatusAnswer = {
      ...statusJson(queryStatus(fold, nowMs)),
      ...at,
      ...atPlace(shell.which, store.url),
      url: store.url,
      config,
      ...(await serverThere(store.url)),
    }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines(status: StatusAnswer): readonly string[] {
  const { live, expired, draining, waiting, halts, spawning, counts, config } = status
  const events = Object.entries(counts).map(([type, count]) => `${count} ${type}`)
  const rows: (readonly [string, string])[] = [
    ['ledger', status.ledgerId],
    ['store', `${status.url} (${WHY[status.why]})`],
    ['root', status.root],
    ['server', serverText(status.server)],
    ['head', `r${status.head}, log clock ${clock(Date.parse(status.now))}`],
    ['writers', status.closed === null ? tone.good('welcome') : tone.bad(`closed: ${status.closed.message}`)],
    ['leases', `${live} live, ${expired} of them expired; ${draining} draining`],
    ['others', `${waiting} waiting, ${spawning} spawning, ${halts} halts remembered`],
    ['events', events.join(', ')],
    ['times', `ttl ${span(config.ttlDefaultMs)} (at most ${span(config.ttlCeilingMs)}), grace ${span(config.graceMs)}`],
  ]
  if (status.unrecognised > 0) rows.push(['unrecognised', tone.warn(unrecognised(status))])
  return table(rows)
}

function unrecognised({ unrecognised, unreadable, unreadableMore }: StatusAnswer): string {
  if (unreadable.length === 0) return `${unrecognised}, none of which stops writers`
  const more = unreadableMore === 0 ? '' : ` and ${unreadableMore} more`
  return `${unrecognised}; writers stop at ${unreadable.map(revision => `r${revision}`).join(', ')}${more}`
}
