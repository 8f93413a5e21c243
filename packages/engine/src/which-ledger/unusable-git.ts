import { StoreError } from '@holdfast/store'

const WAYS_OUT =
  'Which ledger is meant cannot be known, and none was made. Repair it; in a container, mount the directory that it names at the same path; or name the ledger with HOLDFAST_STORE (or --store).'

/** Something of git's that says which ledger is meant, and cannot be used. */
export function unusableGit(file: string, what: string, cause?: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return new StoreError('unavailable', `${file} ${what}${why}. ${WAYS_OUT}`, { cause, detail: 'git' })
}
