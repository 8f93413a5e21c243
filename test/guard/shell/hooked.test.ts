import { GuardAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree } from '../work-tree.ts'

const HOOK = ['guard', 'check', '--hook', 'claude-code', '--holder', 'b']
const bash = (command: string): { readonly input: string } => {
  return { input: JSON.stringify({ tool_name: 'Bash', tool_input: { command } }) }
}

describe('a shell command in a tool call', () => {
  it('is refused for what it would write of somebody else’s, which the refusal names, and let through otherwise', async () => {
    await using tree = new WorkTree()
    tree.write('src/api/x.ts', 'x')
    tree.write('src/web/w.ts', 'w')
    await tree.lease('api', 'a', 'src/api/**')
    const refused = await tree.holdfast(HOOK, bash('cat src/web/w.ts && sed -i s/x/y/ src/web/w.ts src/api/x.ts'))
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('src/api/x.ts is refused: lane api (api@1) of a')
    expect((await tree.holdfast(HOOK, bash('sed -i s/x/y/ src/web/w.ts'))).exitCode).toBe(0)
    expect(await tree.holdfast(HOOK, bash('cat src/api/x.ts'))).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const own = ['guard', 'check', '--hook', 'claude-code', '--holder', 'a']
    expect((await tree.holdfast(own, bash('rm -rf src/api'))).exitCode).toBe(0)
  })

  it('that writes whole folders is judged by the files in them', async () => {
    await using tree = new WorkTree()
    tree.write('src/api/x.ts', 'x')
    tree.write('dist/x.js', 'x')
    await tree.lease('code', 'a', '**/*.ts')
    const removed = await tree.ask(HOOK, bash('rm -rf src'))
    expect(GuardAnswer.parse(removed.answer)).toEqual(removed.answer)
    expect(removed).toMatchObject({ exitCode: 2, answer: { permitted: false, paths: [{}, { path: 'src/api/x.ts' }] } })
    expect((await tree.holdfast(HOOK, bash('rm -rf dist'))).exitCode).toBe(0)
    expect((await tree.holdfast(HOOK, bash('rm -rf .'))).exitCode).toBe(2)
  })

  it('of which something cannot be told is let through with that in the answer', async () => {
    await using tree = new WorkTree()
    await tree.lease('api', 'a', 'src/api/**')
    const { exitCode, answer } = await tree.ask(HOOK, bash('touch mine; python3 -c "print(1)"'))
    expect({ exitCode, answer: GuardAnswer.parse(answer) }).toMatchObject({
      exitCode: 0,
      answer: { unresolved: [{ what: 'python3 -c print(1)', why: 'code' }] },
    })
  })

  it('that is no text is refused, and a call without one asks for nothing', async () => {
    await using tree = new WorkTree()
    await tree.lease('api', 'a', 'src/api/**')
    const odd = JSON.stringify({ tool_name: 'Bash', tool_input: { command: 7 } })
    const none = JSON.stringify({ tool_name: 'Bash', tool_input: { bash_id: '1' } })
    const [refused, idle] = await Promise.all([
      tree.holdfast(HOOK, { input: odd }),
      tree.holdfast(HOOK, { input: none }),
    ])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('7 is no command')
    expect(idle.exitCode).toBe(0)
  })
})
