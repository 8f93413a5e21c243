import { ledgersOfOtherTrees } from '@holdfast/engine/which-ledger'
import { workingFolder } from '../input/working-folder.ts'
import { shellWord } from '../print/shell-word.ts'
import { finding, obstruction, type Examination } from './examination.ts'

/** What may make others mean another ledger than this one, or keeps the guard from seeing all of them. */
export const place: Examination = ({ shell: { which } }) => {
  const trees = ledgersOfOtherTrees(workingFolder()).filter(url => url !== which.url && !which.others.includes(url))
  const around = which.surrounding.map(({ url }) => url)
  return [
    obstruction(
      'two ledgers',
      [...which.others, ...trees].map(url => ({
        subject: url,
        text: `${url} could be meant here as well as ${which.url}, which is used: who uses the other one is excluded by nobody here. Keep one of them`,
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
            text: 'when nothing is live in it, remove its file, or continue it elsewhere with `holdfast move --store URL --to URL`',
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
