import { askGit } from './ask-git.ts'
import { committedFiles, type CommittedFiles } from './committed-files.ts'
import { HookInputError } from './hook-input-error.ts'

/** What git tells its hook before a push: a ref here, what it points to, the ref there, and what that points to now. */
interface PushedRef {
  /** `null`: the ref there is removed. */
  readonly local: string | null
  readonly remoteRef: string
  /** `null`: there is no such ref yet. */
  readonly remote: string | null
}

/** What a push changes there. */
export interface PushedFiles {
  /** By commits that come to be there. */
  readonly added: CommittedFiles
  /** By commits that are reached by no ref there any more: the ref was moved back, or removed. */
  readonly dropped: CommittedFiles
}

const LINE = /^(?<localRef>\S+|\(delete\)) (?<local>[0-9a-f]{40,64}) (?<remoteRef>\S+) (?<remote>[0-9a-f]{40,64})$/

const NONE = /^0+$/

/**
 * The files that a push changes there, as far as is known here: by what the remote had when it was last asked, and by what
 * git has found it to have now.
 *
 * @throws HookInputError for lines that are not those of git, when git cannot tell, and where the push replaces commits that
 * are not here.
 */
export async function pushedFiles(
  folder: string,
  {
    remote,
    told,
    onCommits,
  }: { readonly remote: string; readonly told: string; readonly onCommits?: (count: number) => void },
): Promise<PushedFiles> {
  const refs = told.split('\n').flatMap(line => (line === '' ? [] : [pushedRef(line)]))
  if (refs.length === 0) return { added: new Map(), dropped: new Map() }
  const replaced = refs.flatMap(ref => ref.remote ?? [])
  await demandHere(folder, replaced, remote)
  const tracked = await trackedRefs(folder, remote)
  const known = onCommits === undefined ? {} : { onCommits }
  const local = refs.flatMap(ref => ref.local ?? [])
  const added = await committedFiles({ folder, wanted: local, unwanted: [...replaced, ...tracked.values()], ...known })
  const moved = new Set(refs.map(({ remoteRef }) => remoteRef.replace(/^refs\/heads\//, `refs/remotes/${remote}/`)))
  const staying = [...tracked].flatMap(([name, id]) => (moved.has(name) ? [] : [id]))
  const dropped = await committedFiles({ folder, wanted: replaced, unwanted: [...local, ...staying], ...known })
  return { added, dropped }
}

function pushedRef(line: string): PushedRef {
  const { local, remoteRef, remote } = LINE.exec(line)?.groups ?? {}
  if (local === undefined || remoteRef === undefined || remote === undefined) {
    throw new HookInputError(`standard input: ${JSON.stringify(line.slice(0, 200))} is no line of git about a ref`)
  }
  return { local: NONE.test(local) ? null : local, remoteRef, remote: NONE.test(remote) ? null : remote }
}

/** What stands there and not here may be anybody's, and the push would put it away. */
async function demandHere(folder: string, ids: readonly string[], remote: string): Promise<void> {
  if (ids.length === 0) return
  const input = `${ids.join('\n')}\n`
  const told = await askGit(folder, ['cat-file', '--batch-check'], { what: 'which commits are here', input })
  if (!told.split('\n').some(line => line.endsWith(' missing'))) return
  throw new HookInputError(`the remote has commits that are not here; fetch them first: git fetch ${remote}`)
}

/** What the remote had when it was last asked, by the name that it has here. One that names another ref is none of its own. */
async function trackedRefs(folder: string, remote: string): Promise<ReadonlyMap<string, string>> {
  const question = ['for-each-ref', '--format=%(objectname) %(refname) %(symref)', `refs/remotes/${remote}/`]
  const told = await askGit(folder, question, { what: 'what the remote has' })
  const refs = told.split('\n').map(line => line.split(' '))
  return new Map(refs.flatMap(([id = '', name = '', named = '']) => (id === '' || named !== '' ? [] : [[name, id]])))
}
