import type { ServerJson } from '@holdfast/server/schemas'
import { plain } from './plain.ts'
import { clock } from './times.ts'

/** Who serves a store, in a line. */
export function serverText(server: ServerJson | null | undefined): string {
  if (server === undefined) return 'asked by HTTP'
  if (server === null) return 'none runs'
  const { pid, process, since, version, socket, listen } = server
  const parts = [
    process === 'alive' ? `process ${pid}` : `process ${pid}, which cannot be seen from here`,
    ...(since === null ? [] : [`since ${clock(Date.parse(since))}`]),
    ...(version === '' ? [] : [`version ${plain(version)}`]),
    `socket ${plain(socket)}`,
    ...(listen === null ? [] : [`HTTP at ${plain(listen)}`]),
  ]
  return parts.join(', ')
}
