import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
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

  it('writes through links that lead to nothing yet, and takes out again what it wrote there', async () => {
    await using tree = new WorkTree()
    mkdirSync(tree.path('.claude'))
    symlinkSync('../shared/settings.json', tree.path('.claude/settings.json'))
    symlinkSync('../../hooks/pre-commit', tree.path('.git/hooks/pre-commit'))
    const links = ['.claude/settings.json', '.git/hooks/pre-commit']
    const targets = ['shared/settings.json', 'hooks/pre-commit']
    const install = ['guard', 'install', '--git', '--agent', 'claude-code']
    expect((await tree.holdfast(install)).exitCode).toBe(0)
    for (const target of targets) expect(readFileSync(tree.path(target), 'utf8')).toContain('guard check')
    expect((await tree.holdfast([...install, '--remove'])).exitCode).toBe(0)
    for (const target of targets) expect(existsSync(tree.path(target))).toBe(false)
    for (const link of links) expect(lstatSync(tree.path(link)).isSymbolicLink()).toBe(true)
  })

  it('enters a store that was named from another folder as the store that was meant', async () => {
    await using tree = new WorkTree()
    tree.write('below/file.txt', 'x')
    const cwd = tree.path('below')
    const store = ['--store', 'sqlite:ledger.db', '--create']
    await tree.holdfast(['acquire', 'below', '--holder', 'A', '--region', 'below/**', ...store], { cwd })
    await tree.holdfast(['guard', 'install', '--git', '--store', 'sqlite:ledger.db'], { cwd })
    expect(readFileSync(tree.path('.git/hooks/pre-commit'), 'utf8')).toContain(`--store sqlite:${cwd}/ledger.db`)
    tree.git('add', 'below/file.txt')
    const commit = (holder: string) => tree.run('git', ['commit', '-m', 'x'], { env: { HOLDFAST_HOLDER: holder } })
    const refused = await commit('B')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('of A covers below/file.txt')
    expect((await commit('A')).exitCode).toBe(0)
  })
})
