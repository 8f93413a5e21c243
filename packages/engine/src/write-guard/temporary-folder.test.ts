import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isTemporary } from './temporary-folder.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-temporary-')))
afterAll(() => rmSync(base, { recursive: true }))

const made = (...names: readonly string[]): string => {
  const folder = join(base, ...names)
  mkdirSync(folder, { recursive: true })
  return folder
}

describe('a place in the temporary folder', () => {
  it('is temporary, whether it is there or not', () => {
    expect(isTemporary(join(base, 'scratch.txt'))).toBe(true)
    expect(isTemporary(join(base, 'not', 'there', 'yet'))).toBe(true)
  })

  it('is not where it lies in a work tree, or in a folder with a ledger', () => {
    made('tree', '.git')
    made('tree', 'src')
    made('plain', '.holdfast')
    expect(isTemporary(join(base, 'tree', 'src', 'a.ts'))).toBe(false)
    expect(isTemporary(join(base, 'plain', 'a.ts'))).toBe(false)
    symlinkSync('nowhere', join(made('linked'), '.git'))
    expect(isTemporary(join(base, 'linked', 'a.ts'))).toBe(false)
  })
})

it('a place elsewhere is not, nor is a name that only begins alike', () => {
  expect(isTemporary('/etc/passwd')).toBe(false)
  expect(isTemporary(`${realpathSync(tmpdir())}x/a`)).toBe(false)
  expect(isTemporary(realpathSync(tmpdir()))).toBe(false)
})
