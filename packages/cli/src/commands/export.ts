import { historyLength } from '@holdfast/store'
import { examples } from '../program/examples.ts'
import { openFold } from '../program/open-fold.ts'
import type { Define } from '../program/define.ts'
import { writeExport } from './write-export.ts'

/** `export`: a ledger's whole history as lines of JSON. */
export const exportCommand: Define = (command, shell) => {
  command.argument('[file]', 'file to create (default: standard output)')
  examples(command, 'holdfast export ledger.jsonl', 'holdfast export | zstd > ledger.jsonl.zst')
  shell.does(command, async (file?: string) => {
    const { exportLedger } = await import('@holdfast/engine/maintenance')
    await using ledger = await openFold(shell, { evenMoved: true })
    const { store, stream } = ledger
    const total = await historyLength(store, stream)
    return await writeExport(shell, ledger.at, { pieces: exportLedger(store, stream), total, file })
  })
}
