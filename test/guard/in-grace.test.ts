import { CheckAnswer, GuardAnswer } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import { WorkTree } from './work-tree.ts'

it(
  'inside the grace the guard and the check refuse the holder, and what they advise brings the lease back',
  { timeout: 60_000 },
  async () => {
    await using tree = new WorkTree()
    await tree.holdfast(['init', '--ttl', '2h', '--grace', '1h'])
    // A lease whose time is over by the time of the next command; the grace is not.
    const { answer: asked } = await tree.ask(['acquire', 'api', '--holder', 'a', '--region', 'src/**', '--ttl', '1ms'])
    const { token } = (asked as { lease: { token: number } }).lease
    const checked = await tree.ask(['check', 'api', '--token', `${token}`])
    expect(checked).toMatchObject({ exitCode: 4, answer: { outcome: 'in-grace', held: false } })
    expect(CheckAnswer.parse(checked.answer)).toEqual(checked.answer)

    const guarded = await tree.ask(['guard', 'check', '--holder', 'a', 'src/x.ts'])
    expect(guarded).toMatchObject({ exitCode: 3, answer: { paths: [{ basis: 'in-grace', token, permitted: 'no' }] } })
    expect(GuardAnswer.parse(guarded.answer)).toEqual(guarded.answer)
    const input = JSON.stringify({ tool_name: 'Write', tool_input: { file_path: tree.path('src/x.ts') } })
    const env = { HOLDFAST_HOLDER: 'a' }
    const hooked = await tree.holdfast(['guard', 'check', '--hook', 'claude-code'], { input, env })
    expect(hooked.exitCode).toBe(2)
    const advised = /holdfast (heartbeat api --holder a --token \d+)/.exec(hooked.stderr)?.[1]
    expect((await tree.holdfast([...(advised?.split(' ') ?? []), '--activity', 'a', '--expect', '1h'])).exitCode).toBe(
      0,
    )
    expect((await tree.holdfast(['guard', 'check', '--hook', 'claude-code'], { input, env })).exitCode).toBe(0)
  },
)
