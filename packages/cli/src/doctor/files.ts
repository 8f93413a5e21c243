import { obstruction, type Examination } from './examination.ts'

const SCHEME = 'sqlite:'

/** Files beside the store that somebody who may write the ledger cannot write, with whose they are and what mends it. */
export const files: Examination = async ({ ledger: { store } }) => {
  if (store.kind !== 'sqlite') return [obstruction('files', [])]
  const { filesInTheWay } = await import('@holdfast/store/sqlite')
  const found = filesInTheWay(store.url.slice(SCHEME.length))
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
