import { instantOf, runsProjection } from '@holdfast/projections'
import { EXIT } from '../failure/exit-code.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { distance, span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { askSince, sinceText, SINCE_FLAG } from '../program/ask-since.ts'
import { examples, type Define } from '../program/define.ts'
import type { RunsAnswer } from '../schemas/questions.ts'

/** Leases of one run that are named; JSON has all. */
const LEASES_NAMED = 3

const HEADINGS = ['RUN', 'BEGAN', 'LASTED', 'ENDED', 'ATTEMPT', 'BEATS', 'WORK', 'LEASES'] as const

/** `runs`: what each run held and how it ended. */
export const runs: Define = (command, shell) => {
  command.option(...SINCE_FLAG)
  examples(command, 'holdfast runs', "holdfast runs --since -7d --json | jq '.runs[] | select(.endedAt == null)'")
  shell.does(command, async ({ since }: { readonly since?: string }) => {
    // A run that began before is told as a whole.
    const { at, nowMs, sinceMs, view } = await askSince(shell, { since, projection: () => runsProjection, whole: true })
    const told = view
      .filter(({ lastEventAtMs, endedAtMs }) => lastEventAtMs >= sinceMs || endedAtMs === null)
      .map(({ startedAtMs, lastEventAtMs, endedAtMs, leases, ...same }) => ({
        ...same,
        leases: [...leases],
        startedAt: instantOf(startedAtMs),
        lastEventAt: instantOf(lastEventAtMs),
        endedAt: endedAtMs === null ? null : instantOf(endedAtMs),
      }))
    const answer: RunsAnswer = { ...at, since: instantOf(sinceMs), runs: told }
    await shell.answer(answer, () => lines(answer, { nowMs, sinceMs }))
    return EXIT.done
  })
}

function lines(
  { runs: told }: RunsAnswer,
  { nowMs, sinceMs }: { readonly nowMs: number; readonly sinceMs: number },
): readonly string[] {
  if (told.length === 0) return [`No lease named a run ${sinceText(sinceMs)}; \`acquire --run-id\` does.`]
  const rows = told.map(run => {
    const { runId, startedAt, endedAt, attempt, beats, work, leases } = run
    const begunMs = Date.parse(startedAt)
    const untilMs = endedAt === null ? nowMs : Date.parse(endedAt)
    const more = leases.length > LEASES_NAMED ? ` and ${leases.length - LEASES_NAMED} more` : ''
    const named = leases.slice(0, LEASES_NAMED).map(plain).join(', ') + more
    const counts = [attempt, beats, work].map(String)
    return [plain(runId), distance(begunMs, nowMs), span(untilMs - begunMs), endText(run), ...counts, named]
  })
  return table([HEADINGS.map(tone.faint), ...rows], {
    columns: terminalColumns(),
    shorten: [0, 7],
    leaveOut: [6, 5, 4],
  })
}

function endText({ endedAt, exit, disposition, liveLeases }: RunsAnswer['runs'][number]): string {
  const code = exit === null ? '' : exit.signal === null ? `exit ${exit.code}` : `killed by ${exit.signal}`
  if (endedAt === null) return tone.good(`holds ${liveLeases}`) + (code === '' ? '' : `, ${code}`)
  const how = disposition === null || disposition === 'none' ? 'released' : `reaped: ${disposition}`
  return [how, ...(code === '' ? [] : [code])].join(', ')
}
