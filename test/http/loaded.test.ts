import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'

/** What only the door for HTTP says. */
const OF_THE_DOOR = 'Idempotency-Key'

it('what speaks HTTP is loaded by a server that listens for it, and by nothing else', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['init'])
  const told = holdfast.path('loaded.txt')
  // A server that is ended by a signal tells nothing on its way out.
  const note = `process.on('SIGUSR2', () => process.exit(0)); process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(told)}, Object.keys(require.cache).join('\\n')))`
  writeFileSync(holdfast.path('note.cjs'), note)
  const door = async (args: readonly string[]): Promise<boolean> => {
    const child = spawn(process.execPath, ['--require', holdfast.path('note.cjs'), COMMAND, ...args], {
      cwd: holdfast.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    let said = ''
    for await (const piece of child.stdout) {
      said += String(piece)
      if (said.includes(args.includes('--listen') ? 'listening for HTTP' : '"listening"')) child.kill('SIGUSR2')
    }
    expect(await ended, args.join(' ')).toEqual([0, null])
    const files = readFileSync(told, 'utf8').split('\n')
    expect(files).toContain(COMMAND)
    return files.some(file => readFileSync(file, 'utf8').includes(OF_THE_DOOR))
  }
  expect(await door(['serve'])).toBe(false)
  expect(await door(['serve', '--help'])).toBe(false)
  expect(await door(['token', 'list'])).toBe(false)
  expect(await door(['leases'])).toBe(false)
  expect(await door(['serve', '--listen', '127.0.0.1:0'])).toBe(true)
})

const COMMAND = process.env['HOLDFAST_TEST_COMMAND'] ?? ''
