import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readSmallFile } from '@holdfast/store/internal'
import { isDatabase, ledgerIn } from './ledger-files.ts'
import { mainTopOf, repositoryAbove } from './repository.ts'
import { locationAtLeast } from './work-tree.ts'

/** Work trees of one repository that are looked into. */
const TREES_MAX = 1000

/** Ledgers at the tops of a repository's linked work trees, which only who works there finds. For people, not to decide by. */
export function ledgersOfOtherTrees(folder: string, environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const { repository } = locationAtLeast(folder, environment)
  if (repository === null) return []
  const trees = join(repository.commonDir, 'worktrees')
  return namesIn(trees)
    .flatMap(name => topOf(join(trees, name)))
    .filter(top => top !== repository.top)
    .map(ledgerIn)
    .filter(isDatabase)
    .map(path => `sqlite:${path}`)
}

/**
 * The tops of the other work trees of a repository that are where git looks for them, the main one first. For work there,
 * not to decide by.
 */
export function topsOfOtherTrees(folder: string): readonly string[] {
  const { repository } = locationAtLeast(folder, {})
  if (repository === null) return []
  const { commonDir, top: own } = repository
  const trees = join(commonDir, 'worktrees')
  const main = mainTopOf(repository)
  const tops = [...(main === null ? [] : [main]), ...namesIn(trees).flatMap(name => topOf(join(trees, name)))]
  return [...new Set(tops)].filter(top => top !== own && isTreeOf(top, commonDir))
}

function isTreeOf(top: string, commonDir: string): boolean {
  try {
    const found = repositoryAbove(top)
    return found !== null && found.top === top && found.commonDir === commonDir
  } catch {
    return false
  }
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
    return [dirname(resolve(gitDir, readSmallFile(join(gitDir, 'gitdir')).trim()))]
  } catch {
    return []
  }
}
