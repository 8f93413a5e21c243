import { guardedPath, within, type HookDocument } from '@holdfast/engine/write-guard'
import { commandRequest, type CommandRequest } from './command-request.ts'

/**
 * What the tool of a document is about to write: the files that it names, or what its shell's command is known to write.
 * `null`: nothing. A command of which nobody can tell anything is none of that: it names no place.
 */
export async function writtenBy(
  { request, shell, seen, directory: given }: HookDocument,
  { root, directory }: { readonly root: string; readonly directory: string },
): Promise<CommandRequest | null> {
  const from = within(directory, given ?? '.')
  if (request.asks === 'writes') {
    const paths = request.paths.map(path => guardedPath(path, { root, directory: from }))
    return { paths, trees: [], edited: new Set(request.paths), unresolved: [] }
  }
  if (shell === null || seen.kind === 'after-tool') return null
  return commandRequest(shell.command, { root, directory: within(from, shell.directory ?? '.') })
}
