import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readNamedFile } from './read-named-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-pipe-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a pipe', () => {
  const pipe = join(folder, 'pipe')
  execFileSync('bash', ['-c', 'mkfifo "$0"', pipe])
  const opened = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  /** As `<(command)` hands it over. */
  const descriptor = `/proc/self/fd/${opened}`
  afterAll(() => {
    closeSync(opened)
  })

  it('with a name is refused, whoever writes to it', async () => {
    await expect(readNamedFile(pipe)).rejects.toThrow('it is a pipe')
  })

  it('that nobody writes to is given up', async () => {
    await expect(readNamedFile(descriptor, { writerWaitMs: 60 })).rejects.toThrow('nobody writes to')
  })

  it('whose writer comes later is read to its end', async () => {
    const read = readNamedFile(descriptor)
    await using writing = await open(pipe, 'w')
    await writing.writeFile('été, and more')
    await writing.close()
    expect(await read).toBe('été, and more')
  })
})
