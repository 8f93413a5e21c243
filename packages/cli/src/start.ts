// Where the published program begins.
import { isQuick } from './commands/quick-names.ts'
import { isWriter, namesServer } from './commands/writer-names.ts'
import { commandWord } from './program/command-word.ts'
import { notStarted } from './program/not-started.ts'

const word = commandWord(process.argv.slice(2))
const onServer = namesServer([...process.argv, process.env['HOLDFAST_STORE'] || ''])
const program = isQuick(word)
  ? import('./quick.ts')
  : isWriter(word) && !onServer
    ? import('./writer.ts')
    : import('./main.ts')
program.catch(notStarted)
