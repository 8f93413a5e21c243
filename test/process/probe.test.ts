import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { identify, systemProbe, thisProcess } from '@holdfast/engine'
import { readProcess, thisHost } from '@holdfast/engine/internal'
import { describe, expect, it } from 'vitest'
import { until } from '../run/harness/processes.ts'

describe('a process of this machine', () => {
  it('that runs is alive, and the same one again', () => {
    expect(identify(process.pid)).toEqual(thisProcess())
    expect(systemProbe(thisProcess())).toBe('alive')
  })

  it('that has ended is dead, waited for or not', async () => {
    // The second sleep waits for nobody, so the first one stays as a zombie.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const [child, own] = [identify(Number(line)), identify(parent.pid ?? 0)]
    if (child === null || own === null) throw new Error('both run')
    expect([systemProbe(child), systemProbe(own)]).toEqual(['alive', 'alive'])
    await until(() => readProcess(child.pid).found === 'zombie')
    expect(systemProbe(child)).toBe('dead')
    expect(identify(child.pid)).toBeNull()
    const ended = once(parent, 'exit')
    parent.kill('SIGKILL')
    await ended
    expect(systemProbe(own)).toBe('dead')
  })

  it('whose pid another one has by now is dead: the start tells them apart', () => {
    expect(systemProbe({ ...thisProcess(), processStart: '1' })).toBe('dead')
  })
})

describe('what cannot be known is unknown, and never dead:', () => {
  const gone = { ...thisHost(), pid: 2 ** 22 + 1, processStart: '1' }

  it.each([
    ['a process of another host', { host: 'elsewhere' }],
    ['a process of another boot', { bootId: 'another' }],
    ['a process of a boot that nobody knows', { bootId: null }],
    ['a process of another pid namespace', { pidNamespace: 'pid:[1]' }],
  ])('%s', (_what, elsewhere) => {
    expect(systemProbe(gone)).toBe('dead')
    expect(systemProbe({ ...gone, ...elsewhere })).toBe('unknown')
    expect(systemProbe({ ...thisProcess(), ...elsewhere })).toBe('unknown')
  })

  it('a pid in use whose start was never recorded', () => {
    expect(systemProbe({ ...thisProcess(), processStart: null })).toBe('unknown')
  })

  it('a process that /proc hides, as it may those of others', () => {
    const hidden = (): never => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    }
    expect(readProcess(process.pid, hidden)).toEqual({ found: 'unreadable' })
    expect(readProcess(gone.pid, hidden)).toEqual({ found: 'gone' })
  })
})

it.each([0, -1, -process.pid, 2 ** 40])('%i is the pid of no process', pid => {
  expect(readProcess(pid)).toEqual({ found: 'gone' })
  expect(identify(pid)).toBeNull()
})
