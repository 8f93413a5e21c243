import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'

/** What only the door for HTTP says. */
const OF_THE_DOOR = 'Idempotency-Key'

/** What only the packages for agents say. */
const OF_AGENTS = 'io.modelcontextprotocol/clientInfo'

it('what speaks HTTP is loaded by a server that listens for it, what speaks to agents by their command, and by nothing else', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['init'])
  const told = holdfast.path('loaded.txt')
  // A server that is ended by a signal tells nothing on its way out.
  const note = `process.on('SIGUSR2', () => process.exit(0)); process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(told)}, Object.keys(require.cache).join('\\n')))`
  writeFileSync(holdfast.path('note.cjs'), note)
  const load = async (args: readonly string[]): Promise<{ readonly door: boolean; readonly agents: boolean }> => {
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
    const texts = files.map(file => readFileSync(file, 'utf8'))
    const says = (words: string): boolean => texts.some(text => text.includes(words))
    return { door: says(OF_THE_DOOR), agents: says(OF_AGENTS) }
  }
  expect(await load(['serve'])).toEqual({ door: false, agents: false })
  expect(await load(['serve', '--help'])).toEqual({ door: false, agents: false })
  expect(await load(['token', 'list'])).toEqual({ door: false, agents: false })
  expect(await load(['leases'])).toEqual({ door: false, agents: false })
  expect(await load(['serve', '--listen', '127.0.0.1:0'])).toEqual({ door: true, agents: false })
  // It ends at once, for nobody speaks to it.
  expect((await load(['mcp'])).agents).toBe(true)
})

const COMMAND = process.env['HOLDFAST_TEST_COMMAND'] ?? ''
