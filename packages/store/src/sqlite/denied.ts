import { constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { groupName, modeText, userName } from './account-name.ts'
import { filesInTheWay } from './files-in-the-way.ts'
import { makingBeside, may, mayWrite } from './side-file.ts'

const WAYS_OUT =
  'Ask its owner to share the ledger (`holdfast init --shared GROUP`), or name another one with HOLDFAST_STORE.'

/** What is shared already is not to be shared again. */
function waysInto(folder: string): string {
  const { mode, gid } = statSync(folder)
  if ((mode & 0o010) === 0) return WAYS_OUT
  return `Ask the administrator to add this user to the group ${groupName(gid)}, or name another ledger with HOLDFAST_STORE.`
}

/** Why this user may not read a database, and the ways out; `undefined` when permissions are not the reason. */
export function whyUnreadable(path: string): string | undefined {
  const barred = firstBarred(dirname(path))
  if (barred !== undefined) return `The folder ${about(barred)}: ${me()} may not enter it. ${waysInto(barred)}`
  for (const file of [path, `${path}-wal`]) {
    if (statSync(file, { throwIfNoEntry: false }) === undefined || may(file, constants.R_OK)) continue
    const mended = file === path ? undefined : filesInTheWay(path).find(({ path: odd }) => odd === file)?.next
    return `${about(file)}: ${me()} may not read it. ${mended ?? WAYS_OUT}`
  }
  return undefined
}

/** Why this user may not write a database that can be read; `undefined` when permissions are not the reason. */
export function whyUnwritable(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  const nothing = 'Nothing was written.'
  if (!mayWrite(path)) return `${about(path)}: ${me()} may read it and not write it. ${nothing} ${WAYS_OUT}`
  const [file] = filesInTheWay(path)
  if (file !== undefined) return `${file.detail}. ${nothing} ${file.next}`
  const folder = dirname(path)
  if (!mayWrite(folder)) return `The folder ${about(folder)}: ${me()} may not make files in it. ${nothing} ${WAYS_OUT}`
  const { gid } = statSync(path)
  if (makingBeside(path) !== undefined) return undefined
  return `${about(path)}: ${me()} is not in group ${groupName(gid)}: what this user makes beside it, others could not use. ${nothing} ${WAYS_OUT}`
}

/** The uppermost folder that this user may not enter. */
function firstBarred(folder: string): string | undefined {
  const parent = dirname(folder)
  const above = parent === folder ? undefined : firstBarred(parent)
  if (above !== undefined) return above
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined
  return isThere && !may(folder, constants.X_OK) ? folder : undefined
}

/** Whose a file is, and what its mode allows. */
export function about(path: string): string {
  const { uid, gid, mode } = statSync(path)
  return `${path} belongs to user ${userName(uid)} and group ${groupName(gid)}, with mode ${modeText(mode)}`
}

function me(): string {
  const uid = process.geteuid?.()
  return uid === undefined ? 'this user' : `user ${userName(uid)}`
}
