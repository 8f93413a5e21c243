import { linkSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WorkTree } from '../work-tree.ts'

const HOOK = ['guard', 'check', '--hook', 'claude-code', '--holder', 'b']

describe('a shell command that comes to somebody else’s region by another way', () => {
  it('is judged by where it leads, whatever the path is called', async () => {
    await using tree = new WorkTree()
    await using other = new WorkTree()
    tree.write('src/api/x.ts', 'x')
    tree.write('mine/m.ts', 'm')
    other.write('src/api/x.ts', 'x')
    symlinkSync('../src/api', tree.path('mine/way'))
    linkSync(tree.path('src/api/x.ts'), tree.path('mine/twin'))
    other.git('add', '.')
    other.git('commit', '-qm', 'x')
    tree.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.root, 'vendor/sub')
    tree.write('vendor/sub/src/api/x.ts', 'changed')
    await tree.lease('api', 'a', 'src/api/**')
    await tree.lease('vendor', 'a', 'vendor/**')
    const codes = async (commands: readonly string[]) => {
      const tried = commands.map(async command => {
        const input = JSON.stringify({ tool_name: 'Bash', tool_input: { command }, cwd: tree.root })
        return [command, (await tree.holdfast(HOOK, { input })).exitCode] as const
      })
      return Object.fromEntries(await Promise.all(tried))
    }
    const refused = [
      'echo hi > mine/way/x.ts',
      'cd mine/way && sed -i s/x/y/ x.ts',
      `cd ${other.root} && echo hi > ${tree.path('src/api/x.ts')}`,
      `cd ${other.root} && rm -rf src && cd - && rm -rf src`,
      'cd vendor/sub && echo hi > README',
      'git -C vendor/sub checkout -q -- .',
      // Another work tree may have leases of its own.
      `cd ${other.root} && rm -rf src/api`,
    ]
    // A second name that was there before is not known: what is written to it is told afterwards.
    const allowed = ['echo hi >> mine/twin', 'cat mine/way/x.ts > mine/copy', `cd ${other.root} && git status`]
    expect(await codes([...refused, ...allowed])).toEqual({
      ...Object.fromEntries(refused.map(command => [command, 2])),
      ...Object.fromEntries(allowed.map(command => [command, 0])),
    })
  })
})
