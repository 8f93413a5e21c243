import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killAllWith, RUN_MARK } from './left-running.ts'
import { runUnmarked } from './unmarked-command.ts'

test('a server that a restart command has started outlives the run that asked for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-unmarked-'))
  const value = `unmarked-${process.pid}`
  const file = join(folder, 'pid')
  await runUnmarked(`sleep 60 & echo $! > ${file}`, { ...process.env, [RUN_MARK]: value })
  const pid = Number(readFileSync(file, 'utf8'))
  try {
    if (existsSync('/proc/self/environ')) expect(killAllWith(`${RUN_MARK}=${value}`)).toEqual([])
    expect(process.kill(pid, 0)).toBe(true)
  } finally {
    process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true })
  }
  await expect(runUnmarked('exit 3')).rejects.toThrow('ended with 3')
})
