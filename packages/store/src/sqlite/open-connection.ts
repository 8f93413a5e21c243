import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { checkText } from '../check-given.ts'
import { StoreError } from '../errors.ts'
import { Connection } from './connection.ts'
import { createDatabase } from './create-database.ts'
import { checkHeader } from './header.ts'
import { ignoreInGit } from './ignore-in-git.ts'
import { makeFolderOf } from './make-folder.ts'
import { refuseNetworkFileSystem } from './network-file-system.ts'
import { hashBefore } from './read-events.ts'
import { asStoreError, damaged, isBusy } from './sqlite-error.ts'
import type { Attempt } from './write-lock.ts'

/** Links that are followed one after the other, as many as Linux follows. */
const LINKS_MAX = 40

/** The file that a path means, whichever link leads there, so that all processes find the same files beside it. */
export function databasePath(path: string): string {
  checkText(path, 'The path of a SQLite store')
  if (path === '' || path.includes('\0')) throw new StoreError('invalid', 'A SQLite store needs a path: sqlite:PATH.')
  return whereItLeads(resolve(path), LINKS_MAX)
}

/**
 * What is not there yet will be in the folder that its path leads to; a link to it leads to where it will be. What cannot
 * be reached, opening will say.
 */
function whereItLeads(path: string, linksLeft: number): string {
  try {
    return realpathSync(path)
  } catch {
    const next = linksLeft === 0 ? null : linkedPath(path)
    if (next !== null) return whereItLeads(next, linksLeft - 1)
    const folder = dirname(path)
    return folder === path ? path : join(whereItLeads(folder, linksLeft), basename(path))
  }
}

function linkedPath(path: string): string | null {
  try {
    return resolve(realpathSync(dirname(path)), readlinkSync(path))
  } catch {
    return null // No link.
  }
}

/** Makes sure that a database of ours is at the path, making it when that is wanted; touches nothing that is not ours. */
export function prepareFile(
  path: string,
  { create, onMaking }: { readonly create: boolean; readonly onMaking?: ((path: string) => void) | undefined },
): void {
  const finding = checkHeader(path)
  if (finding === 'absent') {
    if (!create) throw new StoreError('no-ledger', `There is no store at ${path}. Make one with \`holdfast init\`.`)
    const folders = makeFolderOf(path)
    ignoreInGit(path, { made: folders.length > 0 })
  }
  refuseNetworkFileSystem(dirname(path))
  if (finding === 'absent') {
    onMaking?.(path)
    createDatabase(join(realpathSync(dirname(path)), basename(path)))
    checkHeader(path)
  }
}

/** One try to connect; `busy` while another process recovers or closes the database. */
export function connect(path: string): Attempt<Connection> {
  try {
    const connection = new Connection(path)
    try {
      checkWitness(connection)
    } catch (error) {
      connection.close()
      throw error
    }
    return { kind: 'done', value: connection }
  } catch (error) {
    if (isBusy(error)) return { kind: 'busy' }
    throw asStoreError(error, path)
  }
}

/** The event that the witness remembers must be there, with its hash: a shorter or other history shows here. */
function checkWitness(connection: Connection): void {
  const witnessed = connection.witness.newest()
  connection.snapshot(() => {
    if (witnessed === undefined) return
    const stream = connection.streams().find(({ id }) => id === witnessed.streamId)
    // An old witness may remember what was compacted since, by a later write than the one that it remembers.
    if (stream !== undefined && witnessed.position < stream.tip.firstPosition - 1) return
    const holds = stream !== undefined && stream.tip.position >= witnessed.position
    const known = holds ? hashBefore(connection, stream, witnessed.position + 1) : undefined
    if (known !== witnessed.hash)
      throw damaged('its newest history is not what was written', connection.path, 'rolled-back')
  })
}
