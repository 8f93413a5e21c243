import { openStore, StoreError } from '@holdfast/store'
import { Progress } from '../print/progress.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { UsageError } from '../program/usage-error.ts'
import type { ImportAnswer } from '../schemas/maintenance.ts'
import type { Define } from './define.ts'

/** `import`: makes a ledger out of an export. */
export const importCommand: Define = (command, shell) => {
  command.argument('<format>', 'holdfast: what `export` wrote').argument('<file>', 'the export')
  examples(command, 'holdfast import holdfast ledger.jsonl --store sqlite:copy.db')
  shell.does(command, async (format: string, file: string) => {
    if (format !== 'holdfast') {
      throw new UsageError(`The format ${JSON.stringify(format)} is not known. Known: holdfast.`)
    }
    const { importHoldfast } = await import('@holdfast/engine/maintenance')
    const stream = shell.globals.ledger
    await using store = await openStore(shell.storeUrl)
    const progress = new Progress('importing')
    const report = await importHoldfast(store, stream, file, ({ done, total }) => progress.show(done, total)).finally(
      () => progress.end(),
    )
    const checkpoint = await store.latestCheckpoint(stream)
    const head = await store.head(stream)
    if (checkpoint === null || head === 'none') throw new StoreError('corrupt', `${file} holds no ledger.`)
    const answer: ImportAnswer = { ledgerId: checkpoint.data.ledgerId, head, ...report }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ imported, unrecognised, corrupt }: ImportAnswer): readonly string[] {
  const rest = [
    unrecognised === 0 ? [] : `${unrecognised} of them unrecognised`,
    corrupt === 0 ? [] : `${corrupt} corrupt`,
  ]
  return [[`${tone.good('imported')}  ${imported} events`, ...rest.flat()].join(', ')]
}
