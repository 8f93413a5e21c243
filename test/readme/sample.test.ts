import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

it('the library sample of the README runs as it stands', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const sample = /<!-- sample: run by test\/readme -->\n```ts\n(.*?)```/s.exec(readme)?.[1]
  if (sample === undefined) throw new Error('the README has no sample')
  expect(sample.trim().split('\n').length).toBeLessThanOrEqual(10)
  // Beside the tests' own modules, so that the packages resolve; the working folder is a fresh one.
  const cache = join(root, 'test', 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const script = join(mkdtempSync(join(cache, 'readme-')), 'sample.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'))
  try {
    writeFileSync(script, stripTypeScriptTypes(sample))
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder })
    expect(stdout).toBe('only while held, with fencing token 1\n')
    expect(existsSync(join(folder, '.holdfast', 'ledger.db'))).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(join(script, '..'), { recursive: true })
  }
})
