import { contentionProjection, instantOf, type Collisions } from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { askSince, sinceText, SINCE_FLAG } from '../program/ask-since.ts'
import { examples, type Define } from '../program/define.ts'
import type { ContentionAnswer } from '../schemas/questions.ts'

/** Rows of one table; JSON has all. */
const ROWS_MAX = 10

const FIGURES = ['REFUSED', 'GRANTED', 'GAVE UP', 'WAITED p50', 'p99', 'LONGEST', 'WAITING', 'NEWEST'] as const

/** `contention`: which lanes, folders and holders collide, how often, how long was waited, and who starves. */
export const contention: Define = (command, shell) => {
  command.option(...SINCE_FLAG)
  examples(command, 'holdfast contention', "holdfast contention --since 'yesterday 09:00' --json | jq '.lanes[0]'")
  shell.does(command, async ({ since }: { readonly since?: string }) => {
    const { at, nowMs, sinceMs, view } = await askSince(shell, { since, projection: () => contentionProjection })
    const waits = view.waits.map(({ sinceMs: waitsSince, lanes, ...wait }) => {
      return { ...wait, lanes: [...lanes], since: instantOf(waitsSince) }
    })
    const { lanes, folders, pairs, holders, isWhole } = view
    const counted = { lanes: [...lanes], folders: [...folders], pairs: [...pairs], holders: [...holders] }
    const answer: ContentionAnswer = { ...at, since: instantOf(sinceMs), ...counted, waits, isWhole }
    await shell.answer(answer, () => lines(answer, { nowMs, sinceMs }))
    return EXIT.done
  })
}

function lines(
  { lanes, folders, pairs, holders, waits, isWhole }: ContentionAnswer,
  { nowMs, sinceMs }: { readonly nowMs: number; readonly sinceMs: number },
): readonly string[] {
  if (lanes.length === 0) return [`No request was refused ${sinceText(sinceMs)}.`]
  return [
    tone.faint(`Requests that were refused ${sinceText(sinceMs)}.`),
    ...section(['LANE'], lanes, ({ lane }) => [lane]),
    ...section(['FOLDER'], folders, ({ folder }) => [folder]),
    ...section(['HOLDER', 'BEHIND'], pairs, ({ holder, blocker }) => [holder, blocker]),
    ...section(['HOLDER'], holders, ({ holder }) => [holder]),
    ...waits.map(wait => {
      const who = `${plain(wait.holder)} waits for ${wait.lanes.map(plain).join(', ')}`
      const starves = wait.starves ? `, ${tone.bad('starves')}: longer than 99 of 100 that were granted` : ''
      return `${tone.warn('waits')}  ${who}, for ${span(nowMs - Date.parse(wait.since))} (r${wait.place})${starves}`
    }),
    ...(isWhole ? [] : [tone.warn('There are more names than are counted; look at a shorter time with --since.')]),
  ]
}

function section<T extends Collisions>(
  headings: readonly string[],
  all: readonly T[],
  named: (one: T) => readonly string[],
): readonly string[] {
  if (all.length === 0) return []
  const rows = all.slice(0, ROWS_MAX).map(one => [...named(one).map(plain), ...figures(one)])
  const shorten = headings.map((_, place) => place)
  const columns = terminalColumns()
  // Where there is no room, what is least asked for gives way first.
  const leaveOut = [7, 1, 3, 5].map(place => place + headings.length)
  const more = all.length > ROWS_MAX ? [tone.faint(`and ${all.length - ROWS_MAX} more; --json has all`)] : []
  return ['', ...table([[...headings, ...FIGURES].map(tone.faint), ...rows], { columns, shorten, leaveOut }), ...more]
}

function figures(one: Collisions): readonly string[] {
  const { refused, granted, gaveUp, waitedP50Ms, waitedP99Ms, longestMs, waiting, newest } = one
  const waited = [waitedP50Ms, waitedP99Ms].map(spanMs => (spanMs === null ? '-' : span(spanMs)))
  const longest = longestMs === 0 ? '-' : span(longestMs)
  return [...[refused, granted, gaveUp].map(String), ...waited, longest, String(waiting), `r${newest}`]
}
