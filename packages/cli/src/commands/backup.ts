import { StoreError } from '@holdfast/store'
import { EXIT } from '../failure/exit-code.ts'
import { tone } from '../print/tone.ts'
import { checkHistoryOf } from '../program/check-meant.ts'
import { examples, type Define } from '../program/define.ts'
import type { BackupAnswer } from '../schemas/maintenance.ts'

/** `backup`: the whole store as of this moment, in one file. */
export const backup: Define = (command, shell) => {
  command.argument('<file>', 'file to create')
  examples(command, 'holdfast backup "ledger-$(date +%F).db"')
  shell.does(command, async (file: string) => {
    await using store = await shell.openStore('never')
    if (store.backup === undefined) {
      const message = `A store of this kind (${store.kind}) has its own means of backup; \`holdfast export\` writes a ledger to a file.`
      throw new StoreError('invalid', message)
    }
    shell.endWith(await checkHistoryOf(store, shell.globals.ledger))
    const { ledgers, ...report } = await store.backup(file, { signal: shell.interruption.signal() })
    const answer: BackupAnswer = { ...report, ledgers: [...ledgers] }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function lines({ file, bytes, ledgers }: BackupAnswer): readonly string[] {
  return [
    `${tone.good('backed up')}  ${ledgers.length === 1 ? 'one ledger' : `${ledgers.length} ledgers`} to ${file}, ${bytes} bytes`,
  ]
}
