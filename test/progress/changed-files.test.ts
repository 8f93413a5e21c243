import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { changedFiles, type ProgressReading } from '@holdfast/engine'
import { WALKED_FILES_MAX, type WalkFiles } from '@holdfast/engine/internal'
import { expect, test } from 'vitest'

/** A tree in memory: path to change time; `entered` records the folders that were let in. */
function tree(files: Readonly<Record<string, number | null>>, entered: string[] = []): WalkFiles {
  return async function* walk(_, enters) {
    for (const [path, changedAtMs] of Object.entries(files)) {
      const parts = path.split('/').slice(0, -1)
      const folders = parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
      if (!folders.every(folder => enters(folder))) continue
      entered.push(...folders)
      yield { path, changedAtMs: () => Promise.resolve(changedAtMs) }
    }
  }
}

const changed = (walk: WalkFiles, region: readonly string[], caseSensitive = false): Promise<ProgressReading> =>
  changedFiles({ directory: '/work', walk, caseSensitive }).read({ region, runId: null, sinceMs: 1000 })

test('files count that the region covers and that changed at or after the asked instant', async () => {
  const files = { 'src/api/a.ts': 1000, 'src/api/b.ts': 999, 'src/web/c.ts': 2000, 'src/api/deep/d.ts': 1500 }
  expect(await changed(tree(files), ['src/api/**'])).toEqual({ outcome: 'counted', count: 2 })
  expect(await changed(tree(files), ['src/api'])).toEqual({ outcome: 'counted', count: 2 })
  expect(await changed(tree(files), ['docs/**'])).toEqual({ outcome: 'counted', count: 0 })
  expect(await changed(tree(files), [])).toEqual({ outcome: 'counted', count: 0 })
})

test('a file that vanishes under the look counts for nothing', async () => {
  expect(await changed(tree({ 'a.ts': null, 'b.ts': 5000 }), ['*.ts'])).toEqual({ outcome: 'counted', count: 1 })
})

test('case folds as the ledger says', async () => {
  const files = { 'SRC/Api/a.ts': 2000 }
  expect(await changed(tree(files), ['src/api/**'])).toEqual({ outcome: 'counted', count: 1 })
  expect(await changed(tree(files), ['src/api/**'], true)).toEqual({ outcome: 'counted', count: 0 })
})

test('only folders that can hold something are entered, and never .git or node_modules', async () => {
  const entered: string[] = []
  const files = { 'src/api/a.ts': 2000, 'docs/b.md': 2000, '.git/src/c': 2000, 'src/api/node_modules/x/d.ts': 2000 }
  expect(await changed(tree(files, entered), ['src/api/**', 'src/*.ts'])).toEqual({ outcome: 'counted', count: 1 })
  expect([...new Set(entered)]).toEqual(['src', 'src/api'])
})

test('a region that is none is unknown, and names the fault', async () => {
  const reading = await changed(tree({}), ['../up'])
  expect(reading).toMatchObject({ outcome: 'unknown', reason: 'invalid-region' })
})

test('too many files: what was found, or unknown', async () => {
  const many = (first: string): WalkFiles =>
    async function* walk() {
      yield { path: first, changedAtMs: () => Promise.resolve(2000) }
      for (let count = 0; count < WALKED_FILES_MAX; count += 1) {
        yield { path: 'other', changedAtMs: () => Promise.resolve(2000) }
      }
    }
  expect(await changed(many('src/a'), ['src'])).toEqual({ outcome: 'counted', count: 1 })
  expect(await changed(many('docs/a'), ['src'])).toMatchObject({ outcome: 'unknown', reason: 'too-many-files' })
})

test('on a real folder: writes and moves are seen, old stamps hide nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-changed-'))
  try {
    const put = (path: string): void => {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), path)
    }
    const read = (sinceMs: number): Promise<ProgressReading> =>
      changedFiles({ directory }).read({ region: ['src/**'], runId: null, sinceMs })
    put('src/api/a.ts')
    put('outside.ts')
    expect(await read(0)).toEqual({ outcome: 'counted', count: 1 })
    expect(await read(Date.now() + 60_000)).toEqual({ outcome: 'counted', count: 0 })
    utimesSync(join(directory, 'outside.ts'), 0, 0)
    renameSync(join(directory, 'outside.ts'), join(directory, 'src', 'b.ts'))
    expect(await read(Date.now() - 60_000)).toEqual({ outcome: 'counted', count: 2 })
    const nowhere = changedFiles({ directory: join(directory, 'none') })
    const reading = await nowhere.read({ region: ['**'], runId: null, sinceMs: 0 })
    expect(reading).toMatchObject({ outcome: 'unknown', reason: 'unreadable-folder' })
  } finally {
    rmSync(directory, { recursive: true })
  }
})
