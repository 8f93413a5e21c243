import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PresenceScanner, systemProbe, thisProcess } from '@holdfast/engine'
import { expect, it } from 'vitest'

it('a start that another time namespace’s clock told makes no process dead', () => {
  const elsewhere = { ...thisProcess(), timeNamespace: 'time:[1]', processStart: '1' }
  expect(systemProbe(elsewhere)).toBe('unknown')
  // One that has no process at all is gone by any clock.
  expect(systemProbe({ ...elsewhere, pid: 2 ** 22 + 1 })).toBe('dead')
})

const INSIDE = ['--time', '--boottime', '100000', '--fork', '--kill-child']
const hasTimeNamespaces = spawnSync('unshare', [...INSIDE, 'true']).status === 0

it.skipIf(!hasTimeNamespaces)('a beat of a living process in another time namespace is not cleaned away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-time-'))
  const writer = new URL('far-writer.ts', import.meta.url).pathname
  const child = spawn('unshare', [...INSIDE, process.execPath, writer, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(child.stdout, 'data')
    const scanner = new PresenceScanner(folder)
    expect((await scanner.scan()).entries).toMatchObject([{ process: 'unknown', verdict: 'FRESH' }])
    expect((await scanner.cleanup()).removed).toEqual([])
    expect(readdirSync(folder)).toHaveLength(1)
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
})
