// Where the published program begins.
import { isAgentHook } from './commands/agent-hook-call.ts'
import { isQuick } from './commands/quick-names.ts'
import { isWriter, namesServer, namesSocket } from './commands/writer-names.ts'
import { commandWord } from './program/command-word.ts'
import { notStarted } from './program/not-started.ts'

const args = process.argv.slice(2)
const word = commandWord(args)
const texts = [...process.argv, process.env['HOLDFAST_STORE'] || '']
const isHook = isAgentHook(word, args)
const program =
  namesSocket(texts) || (isHook && namesServer(texts))
    ? import('./main.ts')
    : isHook
      ? import('./hook.ts')
      : isQuick(word)
        ? import('./quick.ts')
        : isWriter(word) && !namesServer(texts)
          ? import('./writer.ts')
          : import('./main.ts')
program.catch(notStarted)
