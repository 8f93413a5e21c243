// Where the published program begins.
import { isQuick } from './commands/quick-names.ts'
import { commandWord } from './program/command-word.ts'

void (isQuick(commandWord(process.argv.slice(2))) ? import('./quick.ts') : import('./main.ts'))
