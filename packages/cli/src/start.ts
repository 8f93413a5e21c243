// Where the published program begins.
import { isQuick } from './commands/quick-names.ts'
import { isWriter, namesServer, namesSocket } from './commands/writer-names.ts'
import { commandWord } from './program/command-word.ts'
import { notStarted } from './program/not-started.ts'

const word = commandWord(process.argv.slice(2))
const texts = [...process.argv, process.env['HOLDFAST_STORE'] || '']
const program = namesSocket(texts)
  ? import('./main.ts')
  : isQuick(word)
    ? import('./quick.ts')
    : isWriter(word) && !namesServer(texts)
      ? import('./writer.ts')
      : import('./main.ts')
program.catch(notStarted)
