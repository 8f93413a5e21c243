import type { KeepLast } from '@holdfast/engine/maintenance'
import { atLedger } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { CompactAnswer } from '../schemas/maintenance.ts'

interface CompactFlags {
  readonly keepLast?: string
}

/** `compact`: writes the state down and moves what stands before it into the archive. */
export const compact: Define = (command, shell) => {
  command.option('--keep-last <span|count>', 'keep at least so much in the log; cuts only at an existing CHECKPOINT')
  examples(command, 'holdfast compact', 'holdfast compact --keep-last 7d', 'holdfast compact --keep-last 10000 --json')
  shell.does(command, async ({ keepLast }: CompactFlags) => {
    const { compactLedger } = await import('@holdfast/engine/maintenance')
    const keep = keepLast === undefined ? undefined : await readKeepLast(keepLast)
    await using ledger = await shell.openLedger({ create: false })
    const result = await compactLedger(ledger, { keepLast: keep, reason: shell.reason })
    await ledger.refresh()
    const answer: CompactAnswer = { ...atLedger(ledger), ...result }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

/** Digits alone are a number of events. */
async function readKeepLast(text: string): Promise<KeepLast> {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { events: Number(text) }
  const { parseDuration } = await import('@holdfast/engine/lean')
  return { spanMs: parseDuration(text, 'keep-last') }
}

function lines({ eventsBefore, eventsAfter, bytesReclaimed }: CompactAnswer): readonly string[] {
  if (eventsAfter === eventsBefore)
    return [`${tone.faint('unchanged')}  ${eventsAfter === 1 ? 'one event' : `${eventsAfter} events`} in the log`]
  return [`${tone.good('compacted')}  ${eventsBefore} events to ${eventsAfter}; ${bytesReclaimed} bytes reclaimed`]
}
