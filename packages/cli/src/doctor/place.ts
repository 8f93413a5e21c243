import { isNamed, ledgersOfOtherTrees, ledgersOfSubmodules } from '@holdfast/engine/which-ledger'
import { workingFolder } from '../input/environment.ts'
import { shellWord } from '../print/shell-word.ts'
import { notMovedAway } from '../program/check-meant.ts'
import { pathOf } from '../program/store-url.ts'
import { finding, obstruction, type Examination } from './examination.ts'

/** What may make others mean another ledger than this one, or keeps the guard from seeing all of them. */
export const place: Examination = async ({ shell: { which, globals } }) => {
  const folder = workingFolder()
  const inside = isNamed(which) ? [] : formerLedgers(which.root)
  const found = [...new Set([...which.others, ...ledgersOfOtherTrees(folder), ...inside])]
  const others = await notMovedAway(
    found.filter(url => url !== which.url),
    globals.ledger,
  )
  const asked = which.surrounding.map(({ url }) => url)
  const former = new Set([...inside, ...asked])
  const around = asked.filter(url => !others.includes(url))
  return [
    obstruction(
      'two ledgers',
      others.map(url => ({
        subject: url,
        text: former.has(url)
          ? `${url} is of a submodule from when it was a repository of its own: its leases may still be in use, the guard asks it as well, and a lease here excludes nobody there`
          : `${url} could be meant here as well as ${which.url}, which is used: leases in the other one exclude nobody here. Keep one of them`,
        since: null,
        until: null,
        next: [
          {
            action: 'repair',
            command: `holdfast leases --store ${shellWord(url)}`,
            text: 'see what the other one holds',
          },
          {
            action: 'repair',
            text: former.has(url)
              ? 'end or release what is live in it with --store URL, then remove its file and what begins with its name'
              : 'when nothing is live in it, remove its file, or continue it elsewhere with `holdfast move --store URL --to URL`',
          },
        ],
      })),
    ),
    finding(
      'ledgers around',
      around.length,
      `${around.join(', ')}: the guard asks them as well, for what they hold of these folders; a lease here excludes nobody there.`,
    ),
  ]
}

/** Those of submodules from when they were repositories of their own. A submodule that cannot be read has its own error. */
function formerLedgers(root: string): readonly string[] {
  try {
    return ledgersOfSubmodules(root).map(({ url }) => url)
  } catch {
    return []
  }
}

/** Files beside the store that somebody who may write the ledger cannot write, with whose they are and what mends it. */
export const files: Examination = async ({ ledger: { store } }) => {
  const file = pathOf(store.url)
  if (file === null) return [obstruction('files', [])]
  const { filesInTheWay } = await import('@holdfast/store/sqlite')
  const found = filesInTheWay(file)
  return [
    obstruction(
      'files',
      found.map(({ path, detail, next }) => ({
        subject: path,
        text: detail,
        since: null,
        until: null,
        next: [{ action: 'repair', text: next }],
      })),
    ),
  ]
}
