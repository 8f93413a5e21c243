import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WorkTree } from './work-tree.ts'

describe('guard install', () => {
  it.each([
    ['.claude', 'a file where the folder should be', /\.claude\/settings\.json: it cannot be read \(ENOTDIR/],
    ['.claude/settings.json/x', 'a folder where the file should be', /settings\.json: it cannot be read \(EISDIR/],
  ])('says in a sentence that %s is in the way: %s', async (path, _what, message) => {
    await using tree = new WorkTree()
    tree.write(path, '')
    const told = await tree.holdfast(['guard', 'install', '--git', '--agent', 'claude-code'])
    expect({ exitCode: told.exitCode, lines: told.stderr.trimEnd().split('\n').length }).toEqual({
      exitCode: 2,
      lines: 1,
    })
    expect(told.stderr).toMatch(message)
    expect(existsSync(tree.path('.git/hooks/pre-commit'))).toBe(false)
  })
})
