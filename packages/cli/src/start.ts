// Where the published program begins.
import { isQuick } from './commands/quick-names.ts'
import { commandWord } from './program/command-word.ts'
import { notStarted } from './program/not-started.ts'

const program = isQuick(commandWord(process.argv.slice(2))) ? import('./quick.ts') : import('./main.ts')
program.catch(notStarted)
