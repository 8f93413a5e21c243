import { openStore, StoreError, type LogStore, type OpenStoreOptions } from '@holdfast/store'
import { isNamed as isLedgerNamed } from './ledger-files.ts'
import { checkLedgerId, noSuchStore } from './not-meant.ts'
import { recordRootOf } from './ledger-root.ts'
import { recordRoot, type RecordedRoot } from './recorded-root.ts'
import { whichLedger, type WhichLedger, type WhichLedgerQuestion } from './which-ledger.ts'

/**
 * What may be made where nothing is: `first-write`: a ledger that nobody named, in its place; `always`: one that was named
 * as well, by whoever says so explicitly.
 */
export type Making = 'never' | 'first-write' | 'always'

/** How often it is looked again whether somebody else has made a ledger in another place at the same time. */
const LOOKS_MAX = 3

/**
 * Opens the store that is meant. Answers also which one it is: somebody may have made another one meanwhile, which then
 * comes first.
 *
 * Rejects with a `StoreError`: `no-ledger` for a store that is not there and may not be made, `unavailable` with the ways
 * out where the git directory cannot be written, and as `openStore`.
 */
export async function openMeantStore(
  question: WhichLedgerQuestion,
  {
    making,
    record,
    ...options
  }: Omit<OpenStoreOptions, 'create' | 'onMaking'> & {
    readonly making: Making
    /** What regions are to be relative to in a store that is made; default: what its place says, else the caller's. */
    readonly record?: RecordedRoot | undefined
  },
): Promise<{ readonly store: LogStore; readonly which: WhichLedger }> {
  const { folder, environment = process.env } = question
  const onMaking = (path: string): void => {
    if (record === undefined) recordRootOf(path, { folder, environment })
    else recordRoot(path, record)
  }
  let which = whichLedger(question)
  for (let looks = 1; ; looks += 1) {
    const create = mayMake(which, making)
    // A new ledger is never the one that is asked for by its id.
    if (create && which.exists === false) checkLedgerId({ ledgerId: null, url: which.url }, question.environment)
    const store = await opened(which, question, { ...options, create, onMaking })
    if (which.exists !== false || looks >= LOOKS_MAX) return { store, which }
    // Two who make the first ledger in two places at once look at each other's afterwards.
    const now = whichLedger(question)
    if (now.url === which.url) return { store, which: now }
    await store.close()
    which = now
  }
}

/** Whether a ledger that is not in its store may be begun there. `isNamed`: somebody asked for it by its name. */
export function mayFound(
  { url, why }: WhichLedger,
  { making, isNamed, environment = process.env }: { making: Making; isNamed: boolean; environment?: NodeJS.ProcessEnv },
): boolean {
  if ((environment['HOLDFAST_LEDGER_ID'] ?? '') !== '') return false
  if (making === 'always' || isMemory(url)) return making !== 'never'
  return making === 'first-write' && !isNamed && !isLedgerNamed({ why })
}

function mayMake({ url, why, exists }: WhichLedger, making: Making): boolean {
  if (making === 'always' || isMemory(url)) return true
  // What is there cannot be made. A link to nothing is there, and what it should lead to is missing.
  return making === 'first-write' && exists === false && !isLedgerNamed({ why })
}

async function opened(
  which: WhichLedger,
  { folder, environment = process.env }: WhichLedgerQuestion,
  options: OpenStoreOptions,
): Promise<LogStore> {
  try {
    return await openStore(which.url, options)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code === 'no-ledger') throw noSuchStore(which, { folder, environment })
    throw error.code === 'unavailable' && which.why === 'git-directory' ? withWaysOut(error, which) : error
  }
}

function withWaysOut(error: StoreError, { exists }: WhichLedger): StoreError {
  const reason = 'Some sandboxes keep the git directory read-only.'
  const ways = exists
    ? 'Let it be written there; or continue it elsewhere, from outside the sandbox, with `holdfast move --to URL`, and name that with HOLDFAST_STORE.'
    : 'Make it at the top of the main work tree with `holdfast init --in-tree`, or name another place with HOLDFAST_STORE.'
  return new StoreError('unavailable', `${error.message} ${reason} ${ways}`, { cause: error })
}

function isMemory(url: string): boolean {
  return /^memory:/i.test(url)
}
