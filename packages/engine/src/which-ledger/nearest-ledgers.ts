import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { ledgerFiles } from './ledger-files.ts'
import { locationAtLeast } from './work-tree.ts'

/** Ledgers that one error names, and files that are looked at for them. */
const NAMED_MAX = 5
const FILES_MAX = 64

/** SQLite's header and, in it, the mark of a database of ours. */
const MARK_AT = 68
const MARK = 'HFLD'

/**
 * Stores that exist and may have been meant by a path where there is none: the same path from a folder further up, what
 * lies beside it, and what is found without a name. The likeliest first.
 */
export function nearestLedgers(named: string, folder: string, environment: NodeJS.ProcessEnv): readonly string[] {
  const upward = isAbsolute(named) ? [] : parentsOf(folder).map(parent => join(parent, named))
  const beside = filesIn(dirname(resolve(folder, named))).filter(file => file.endsWith('.db'))
  const found = ledgerFiles(locationAtLeast(folder, environment)).map(({ path }) => path)
  const likely = [...upward.filter(isLedger), ...found, ...beside.filter(isLedger)]
  return [...new Set(likely)].slice(0, NAMED_MAX).map(path => `sqlite:${path}`)
}

function parentsOf(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [] : [parent, ...parentsOf(parent)]
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .slice(0, FILES_MAX)
      .map(({ name }) => join(folder, name))
  } catch {
    return []
  }
}

function isLedger(path: string): boolean {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return false
  }
  try {
    const mark = Buffer.alloc(MARK.length)
    return readSync(file, mark, 0, MARK.length, MARK_AT) === MARK.length && mark.toString('latin1') === MARK
  } catch {
    return false
  } finally {
    closeSync(file)
  }
}
