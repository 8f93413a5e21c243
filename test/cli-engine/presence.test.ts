import { once } from 'node:events'
import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseBeat } from '@holdfast/engine/internal'
import { BeatLine, PresenceAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree } from '../guard/work-tree.ts'
import { until } from '../run/harness/processes.ts'
import { COMMAND } from '../setup/command.ts'

const LOOK_MS = 20

describe('beat', () => {
  it('writes one beat that its readers understand', async () => {
    await using folder = new WorkTree({ git: false })
    const { exitCode, answer } = await folder.ask(['beat', 'run/me.json', '--once', '--metadata', '{"step": 2}'])
    expect({ exitCode, answer: BeatLine.parse(answer) }).toMatchObject({
      exitCode: 0,
      answer: { metadata: { step: 2 } },
    })
    const read = parseBeat(readFileSync(join(folder.root, 'run/me.json'), 'utf8'))
    expect(read).toMatchObject({ ok: true, beat: { metadata: { step: 2 }, format: 'holdfast' } })
  })

  it('beats on until it is asked to end', async () => {
    await using folder = new WorkTree({ git: false })
    const file = join(folder.root, 'me.json')
    const beating = folder.start(process.execPath, [COMMAND, 'beat', 'me.json', '--interval', '1s'])
    while (!existsSync(file)) await pause(LOOK_MS)
    const first = readFileSync(file, 'utf8')
    while (readFileSync(file, 'utf8') === first) await pause(LOOK_MS)
    const ended = once(beating, 'exit')
    beating.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('in a folder beats into a file of its own, which presence shows', async () => {
    await using folder = new WorkTree({ git: false })
    const beating = folder.start(process.execPath, [COMMAND, 'beat', 'run/', '--interval', '1s'])
    const looked = async () => PresenceAnswer.parse((await folder.ask(['presence', 'run'])).answer)
    await until(async () => (await looked()).active)
    expect(await looked()).toMatchObject({
      freshCount: 1,
      files: [{ pid: beating.pid, format: 'holdfast', torn: null }],
    })
    const ended = once(beating, 'exit')
    beating.kill('SIGTERM')
    await ended
    expect(await looked()).toMatchObject({ active: false, files: [{ pid: beating.pid, verdict: 'ORPHAN' }] })
    const told = await folder.holdfast(['beat', 'run', '--once'])
    expect(told.exitCode).toBe(2)
    expect(told.stderr).toMatch(/^once: /)
  })

  it.each(['--once', '--interval=1s'])('leaves a pipe where it is: %s', async flag => {
    await using folder = new WorkTree({ git: false })
    await folder.run('/bin/sh', ['-c', 'mkfifo beat'])
    const told = await folder.holdfast(['beat', 'beat', flag])
    expect(told.exitCode).toBe(5)
    expect(told.stderr).toBe('the beat did not reach beat: a pipe or a device is there; name another file.\n')
    expect((await folder.run('/bin/sh', ['-c', 'test -p beat && ls -A'])).stdout).toBe('beat\n')
  })

  it('with more to tell than anybody would read is refused', async () => {
    await using folder = new WorkTree({ git: false })
    const metadata = JSON.stringify({ all: 'x'.repeat(70_000) })
    const told = await folder.holdfast(['beat', 'me.json', '--once', '--metadata', metadata])
    expect(told.exitCode).toBe(2)
    expect(told.stderr).toMatch(/^a beat of \d+ bytes is above 65536, .*: shorten its metadata\.\n$/)
  })

  it('without a place is refused', async () => {
    await using folder = new WorkTree({ git: false })
    const told = await folder.holdfast(['beat', '', '--once'])
    expect(told.exitCode).toBe(2)
    expect(told.stderr).toMatch(/^file: /)
  })

  it.each([
    [['--interval', 'soon'], 'interval'],
    [['--metadata', '[]'], 'metadata'],
    [['--metadata', '{'], 'metadata'],
  ])('%j is refused in one sentence that names the field', async (args, field) => {
    await using folder = new WorkTree({ git: false })
    const { exitCode, stderr } = await folder.holdfast(['beat', 'me.json', ...args])
    expect(exitCode).toBe(2)
    expect(stderr.startsWith(`${field}: `)).toBe(true)
  })

  it('says that a file cannot be written, and says that an interval was clamped', async () => {
    await using folder = new WorkTree({ git: false })
    folder.write('blocked', '')
    const failed = await folder.holdfast(['beat', 'blocked/me.json', '--interval', '1ms'])
    expect(failed.exitCode).toBe(5)
    expect(failed.stderr).toContain('blocked/me.json')
    expect(failed.stderr).toContain('interval 1ms became 1s')
  })
})

describe('presence', () => {
  it('tells who beats, in every format, and cleans up what nobody is behind', async () => {
    await using folder = new WorkTree({ git: false })
    const seed = (pid: number, atMs: number) => {
      const at = new Date(atMs).toISOString()
      return JSON.stringify({
        pid,
        uuid: 'u',
        started_at: at,
        last_refresh: at,
        wrapper_version: '1',
        schema_version: 1,
      })
    }
    folder.write(`run/heartbeat-${process.pid}-a.json`, seed(process.pid, Date.now()))
    folder.write('run/heartbeat-11-b.json', seed(11, Date.now() - 600_000))
    folder.write('run/heartbeat-12-c.json', '{"torn')
    const old = new Date(Date.now() - 600_000)
    utimesSync(join(folder.root, 'run/heartbeat-12-c.json'), old, old)
    const looked = await folder.ask(['presence', 'run'])
    const answer = PresenceAnswer.parse(looked.answer)
    expect(answer).toEqual(looked.answer)
    expect(answer).toMatchObject({ active: true, freshCount: 1, cleanup: null })
    expect(answer.files.map(({ pid, verdict, torn }) => [pid, verdict, torn !== null])).toEqual(
      expect.arrayContaining([
        [process.pid, 'FRESH', false],
        [11, 'STALE', false],
        [12, 'STALE', true],
      ]),
    )
    const cleaned = PresenceAnswer.parse((await folder.ask(['presence', 'run', '--cleanup'])).answer)
    expect(cleaned.cleanup?.removed.toSorted()).toEqual(['run/heartbeat-11-b.json', 'run/heartbeat-12-c.json'])
    const told = await folder.holdfast(['presence', 'run', '--stale', '1h'])
    expect(told.stdout).toMatch(/heartbeat-\d+-a\.json {2}FRESH .*\n1 fresh\./)
  })

  it('an absent folder is empty, a file is no folder, and a span must be one', async () => {
    await using folder = new WorkTree({ git: false })
    expect((await folder.ask(['presence', 'nowhere'])).answer).toMatchObject({ active: false, files: [] })
    folder.write('file', '')
    const refused = await folder.holdfast(['presence', 'file'])
    expect(refused.exitCode).toBe(5)
    expect(refused.stderr).toMatch(/^cannot list file: ENOTDIR.*; name a folder that this user may read\.\n$/)
    expect((await folder.holdfast(['presence', 'x', '--stale', 'x'])).stderr).toMatch(/^stale: /)
  })
})
