import { RepairAnswer, LogLine, StatusAnswer, VerifyAnswer } from 'holdfast/schemas'
import { openStore } from '@holdfast/store'
import { describe, expect, it } from 'vitest'
import { field, Holdfast } from './holdfast.ts'

const acquire = (lane: string): readonly string[] => ['acquire', lane, '--holder', 'a']

async function linesOf(holdfast: Holdfast, ...args: string[]): Promise<readonly unknown[]> {
  const { stdout } = await holdfast.call(['log', '--json', ...args])
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as unknown)
}

describe('log', () => {
  it.concurrent('shows what the filters let through, oldest first', async () => {
    const holdfast = new Holdfast()
    for (const lane of ['api', 'web', 'api']) await holdfast.call(acquire(lane))
    const [all, last, refusals, web] = await Promise.all([
      linesOf(holdfast),
      linesOf(holdfast, '-n', '2'),
      linesOf(holdfast, '--type', 'refuse', '--type', 'HALT'),
      linesOf(holdfast, '--lane', 'web'),
    ])
    const types = (lines: readonly unknown[]): unknown[] => lines.map(line => field(line, 'type'))
    expect(types(all)).toEqual(['CHECKPOINT', 'ACQUIRE', 'ACQUIRE', 'REFUSE'])
    expect(last).toEqual(all.slice(-2))
    expect(refusals).toEqual(all.slice(3))
    expect(web).toEqual([all[2]])
    const since = String(field(all[2], 'recordedAt'))
    expect(await linesOf(holdfast, '--since', since)).toEqual(all.slice(2))
    expect(await linesOf(holdfast, '--since', 'r2')).toEqual(all.slice(2))
    expect(await linesOf(holdfast, '--since', '2', '--type', 'refuse', '-n', '9')).toEqual(all.slice(3))
    // What is yet to come is asked for by mistake.
    for (const point of ['2999-01-01T00:00:00Z', 'r4', '2h']) {
      expect(await holdfast.call(['log', '--since', point])).toMatchObject({ exitCode: 2, stdout: '' })
    }
  })

  it.concurrent('says who waits, and not that they still do once they gave up', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(acquire('api'))
    await holdfast.call(['acquire', 'api', '--holder', 'b', '--wait', '100ms'])
    const { stdout } = await holdfast.call(['log', '--type', 'REFUSE'])
    const [asked, gaveUp] = stdout.trimEnd().split('\n')
    expect(asked).toMatch(/b, lane-held by api@1, waits$/)
    expect(gaveUp).toMatch(/b, withdrawn \(gave up waiting\)$/)
  })

  it.concurrent('shows what compactions took out of the log as before, a follower what it missed', async () => {
    const holdfast = new Holdfast()
    for (const lane of ['api', 'web', 'api']) await holdfast.call(acquire(lane))
    const before = await linesOf(holdfast)
    await holdfast.call(['compact'])
    await holdfast.call(acquire('docs'))
    await holdfast.call(['compact'])
    const all = await linesOf(holdfast)
    expect(all).toHaveLength(before.length + 3)
    expect(all.slice(0, before.length)).toEqual(before)
    const since = String(field(all[2], 'recordedAt'))
    const [last, web, younger, one] = await Promise.all([
      linesOf(holdfast, '-n', '4'),
      linesOf(holdfast, '--lane', 'web'),
      linesOf(holdfast, '--since', since),
      linesOf(holdfast, '-n', '1'),
    ])
    expect(last).toEqual(all.slice(-4))
    expect(web).toEqual([all[2]])
    expect(younger).toEqual(all.slice(2))
    expect(one).toEqual(all.slice(-1))
  })

  it.concurrent('goes on with what is recorded, and ends cleanly when it is interrupted', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['init'])
    const following = holdfast.start(['log', '--follow', '--json'])
    await following.lines(1)
    await holdfast.call(acquire('api'))
    const lines = await following.lines(2)
    following.child.kill('SIGINT')
    const { exitCode, stderr } = await following.ended
    expect({ exitCode, stderr, type: field(JSON.parse(lines[1] ?? ''), 'type') }).toEqual({
      exitCode: 130,
      stderr: '',
      type: 'ACQUIRE',
    })
  })

  it.concurrent('ends quietly when its reader goes away, even with nothing more to write', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['init'])
    const { exitCode, stdout, stderr } = await holdfast.bash(
      'holdfast log --follow --json | head -n 1; exit ${PIPESTATUS[0]}',
    )
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(LogLine.parse(JSON.parse(stdout))).toMatchObject({ revision: 0 })
  })

  it.concurrent('shows an entry that does not parse; views work, writers refuse until it is repaired', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(acquire('api'))
    const store = await openStore(`sqlite:${holdfast.path('.holdfast', 'ledger.db')}`)
    const eventId = '6b1f0c1e-5c9e-4f0e-9d3b-0a6f4a7c2d11'
    const nonsense = { eventId, type: 'ACQUIRE', schemaVersion: 1, actor: null, data: { lane: 'api', nonsense: true } }
    await store.commit('default', 'none', { absorb: () => {}, decide: () => [nonsense] })
    await store.close()

    const [shown, people, status, verified, leases, refused] = await Promise.all([
      linesOf(holdfast, '--type', 'unrecognised'),
      holdfast.call(['log', '-n', '1']),
      holdfast.ask('status'),
      holdfast.ask('verify'),
      holdfast.ask('leases'),
      holdfast.ask(...acquire('web')),
    ])
    expect(LogLine.parse(shown[0])).toEqual(shown[0])
    expect(shown).toMatchObject([{ revision: 2, unrecognised: { type: 'ACQUIRE', problem: 'invalid' } }])
    expect(people.stdout).toContain('UNRECOGNISED')
    expect(StatusAnswer.parse(status.answer)).toMatchObject({ unrecognised: 1, closed: { code: 'ledger-newer' } })
    expect(VerifyAnswer.parse(verified.answer)).toMatchObject({ ok: true, unrecognised: 1 })
    expect(leases).toMatchObject({ exitCode: 0, answer: { leases: [{ lane: 'api' }] } })
    expect(refused).toMatchObject({ exitCode: 6, answer: { error: { code: 'ledger-newer' } } })

    // A beat is written even now: only when the views have looked, since it becomes the newest entry.
    const beat = await holdfast.ask('heartbeat', 'api', '--holder', 'a', '--token', '1')
    expect(beat.exitCode).toBe(0)

    const repaired = await holdfast.ask('repair', '--skip', '2', '--reason', 'a broken tool')
    expect(RepairAnswer.parse(repaired.answer)).toEqual(repaired.answer)
    expect(repaired).toMatchObject({ exitCode: 0, answer: { skipped: 2, unreadable: [] } })
    expect((await holdfast.call(acquire('web'))).exitCode).toBe(0)
  })
})
