import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isDatabase, ledgerIn } from './ledger-files.ts'
import { placeAtLeast } from './work-tree.ts'

/** Work trees of one repository that are looked into. */
const TREES_MAX = 1000

/** Ledgers at the tops of a repository's linked work trees, which only who works there finds. For people, not to decide by. */
export function ledgersOfOtherTrees(folder: string, environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const { repository } = placeAtLeast(folder, environment)
  if (repository === null) return []
  const trees = join(repository.commonDir, 'worktrees')
  return namesIn(trees)
    .flatMap(name => topOf(join(trees, name)))
    .filter(top => top !== repository.top)
    .map(ledgerIn)
    .filter(isDatabase)
    .map(path => `sqlite:${path}`)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, TREES_MAX)
  } catch {
    return []
  }
}

function topOf(gitDir: string): readonly string[] {
  try {
    return [dirname(resolve(gitDir, readFileSync(join(gitDir, 'gitdir'), 'utf8').trim()))]
  } catch {
    return []
  }
}
