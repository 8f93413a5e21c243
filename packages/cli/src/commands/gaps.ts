import { instantOf, lateBeatsProjection } from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { clock, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { askSince, sinceText, SINCE_FLAG } from '../program/ask-since.ts'
import { examples, type Define } from '../program/define.ts'
import type { GapsAnswer } from '../schemas/questions.ts'

/** Gaps that are shown to people, the newest; JSON has all. */
const ROWS_MAX = 20

/** `gaps`: beats that came late, by holder. */
export const gaps: Define = (command, shell) => {
  command.option(...SINCE_FLAG)
  examples(command, 'holdfast gaps', "holdfast gaps --since -7d --json | jq '.holders[] | select(.gaps > 0)'")
  shell.does(command, async ({ since }: { readonly since?: string }) => {
    const { at, sinceMs, view } = await askSince(shell, { since, projection: lateBeatsProjection })
    const told = view.gaps.map(({ fromMs, toMs, ...gap }) => {
      return { ...gap, from: instantOf(fromMs), to: toMs === null ? null : instantOf(toMs) }
    })
    const answer = { ...at, since: instantOf(sinceMs), holders: [...view.holders], gaps: told } as GapsAnswer
    await shell.answer(answer, () => lines(answer, sinceMs))
    return EXIT.done
  })
}

function lines({ holders, gaps: late }: GapsAnswer, sinceMs: number): readonly string[] {
  if (holders.length === 0) return [`No lease was held ${sinceText(sinceMs)}.`]
  const columns = terminalColumns()
  const rows = holders.map(({ holder, beats, gaps: count, longestMs, greatestPart }) => {
    const part = `${Math.round(greatestPart * 100)}%`
    const shown = greatestPart >= 1 ? tone.bad(part) : greatestPart >= 2 / 3 ? tone.warn(part) : part
    return [plain(holder), String(beats), String(count), span(longestMs), shown]
  })
  const headings = ['HOLDER', 'BEATS', 'LATE', 'LONGEST', 'OF ITS TIME'].map(tone.faint)
  return [
    tone.faint(`The longest time without a beat ${sinceText(sinceMs)}. At 100% of its time a lease is no longer safe.`),
    ...table([headings, ...rows], { columns, shorten: [0] }),
    ...late.slice(-ROWS_MAX).map(({ holder, leaseId, from, to, end, spanMs, allowedMs }) => {
      const until = to === null ? 'it is silent still' : end === 'beat' ? 'then it beat' : `then it was ${end}`
      const who = `${leaseId} of ${plain(holder)}`
      return `${tone.warn('late')}  ${clock(Date.parse(from))}  ${who}: ${span(spanMs)} without a beat, of ${span(allowedMs)}; ${until}`
    }),
  ]
}
