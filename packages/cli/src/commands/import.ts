import type { WorkProgress } from '@holdfast/engine/maintenance'
import { StoreError, type LogStore } from '@holdfast/store'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { readInstant } from '../input/read-time.ts'
import { demandRegularFile } from '../input/read-named-file.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import type { ImportAnswer } from '../schemas/maintenance.ts'

interface ImportFlags {
  readonly since?: string
}

type Imported = Omit<ImportAnswer, 'ledgerId' | 'head'>
type Importer = (store: LogStore) => Promise<Imported>
/** What can be found wrong with a file is found before a store is opened, which might make one. */
type Preparation = (file: string) => Promise<Importer>

/** `import`: makes a ledger out of an export, or of the journal of another tool. */
export const importCommand: Define = (command, shell) => {
  command
    .argument('<format>', 'holdfast: a file from `export`; dos-journal: the journal of a lane-lease tool')
    .argument('<file>', 'the file to read')
    .option('--since <time>', 'dos-journal: count work from this time on (default: from the beginning)')
  examples(
    command,
    'holdfast import holdfast ledger.jsonl --store sqlite:copy.db',
    'holdfast import dos-journal lane-journal.jsonl --ledger archive-2026 --json',
  )
  shell.does(command, async (format: string, file: string, flags: ImportFlags) => {
    const prepare = preparationOf(shell, format, flags)
    // Before the store is opened: a wrong name makes none.
    demandRegularFile(file, 'nothing was imported')
    const importer = await prepare(file)
    const stream = shell.globals.ledger
    await using store = await shell.openStore('always')
    const imported = await importer(store)
    shell.warnIfSeenByGit(store.url)
    const checkpoint = await store.latestCheckpoint(stream)
    const head = await store.head(stream)
    if (checkpoint === null || head === 'none') throw new StoreError('corrupt', `${file} holds no ledger.`)
    const answer: ImportAnswer = { ledgerId: checkpoint.data.ledgerId, head, ...imported }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

/** Throws a `UsageError` for what cannot be understood, before anything is opened. */
function preparationOf(shell: Shell, format: string, { since }: ImportFlags): Preparation {
  const stream = shell.globals.ledger
  const progress = shell.progress()
  const onProgress = ({ step, ...amount }: WorkProgress): void => progress.show(step, amount)
  const showing = <T>(work: Promise<T>): Promise<T> => work.finally(() => progress.end())
  switch (format) {
    case 'holdfast':
      if (since !== undefined) throw new UsageError('since: it is for the format dos-journal only; leave --since out.')
      return async file => {
        const { checkExport, importHoldfast } = await import('@holdfast/engine/maintenance')
        const checked = await showing(checkExport(file, onProgress))
        return store => showing(importHoldfast(store, stream, checked, onProgress))
      }
    case 'dos-journal': {
      const span = since === undefined ? {} : { startMs: readInstant(since, 'since') }
      return async file => {
        const { checkJournal, importDosJournal } = await import('@holdfast/engine/maintenance')
        const checked = await showing(checkJournal(file, onProgress))
        return async store => {
          const importing = importDosJournal(store, stream, checked, { span, onProgress })
          const { ledgerId: _, faults, deltas, ...report } = await showing(importing)
          return { ...report, faults: [...faults], deltas: [...deltas] }
        }
      }
    }
    default:
      throw new UsageError(`The format ${JSON.stringify(format)} is not known. Known: holdfast, dos-journal.`)
  }
}

function lines({ imported, unrecognised, corrupt, faults = [], deltas = [], aheadMs = 0 }: ImportAnswer) {
  const rest = [
    unrecognised === 0 ? [] : `${unrecognised} of them unrecognised`,
    corrupt === 0 ? [] : `${corrupt} corrupt`,
  ]
  return [
    [`${tone.good('imported')}  ${imported} events`, ...rest.flat()].join(', '),
    ...faults.map(({ line, detail }) => `${tone.bad('corrupt')}   line ${line}: ${detail}`),
    ...(aheadMs === 0 ? [] : [`${tone.bad('ahead')}     its newest time is ${seconds(aheadMs)} ahead of the clock`]),
    ...deltas.map(
      ({ loopTs, lane, workEvents, newestBeatAgeMs }) =>
        `${loopTs}/${lane}  ${workEvents} work events, newest beat ${seconds(newestBeatAgeMs)} old`,
    ),
  ]
}

function seconds(spanMs: number): string {
  return `${Math.round(spanMs / 1000)} s`
}
