import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { identify } from '@holdfast/engine'
import stringWidth from 'string-width'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { numberIn, until } from '../run/harness/processes.ts'
import { hasTerminal, KEYS, Terminal } from '../run/harness/terminal.ts'
import { COMMAND } from '../setup/command.ts'

// The real command on a real pseudo terminal.

/** One test takes many steps, and the machine may have others to serve. */
vi.setConfig({ testTimeout: 90_000 })

const HOSTILE = 'a\u202Eb\u2066c'

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make({})
})
/** Those that a failed test leaves: they would run for ever. */
const running = new Set<Terminal>()
afterEach(async () => {
  if (running.size > 0) process.kill(await numberIn(at.path('pid')), 'SIGTERM')
  await Promise.all([...running].map(({ ended }) => ended))
  await at[Symbol.asyncDispose]()
})

/** `top` in a shell of its own, which notes how the terminal is set before and after it. */
function top(env: NodeJS.ProcessEnv = {}): Terminal {
  const words = `stty cols 100 rows 30; tty > tty; stty -g > before; sh -c 'echo $$ > pid; exec node ${COMMAND} top --every 200ms --store ${at.url}'; code=$?; while [ -e killed ] && [ "$(stty -g)" != "$(cat before)" ]; do sleep 0.02; done; stty -g > after; exit $code`
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...surroundings } = process.env
  const own = { ...surroundings, PATH: path, TERM: 'xterm-256color', ...env }
  const terminal = new Terminal(words, { cwd: at.folder, env: own })
  running.add(terminal)
  void terminal.ended.then(() => running.delete(terminal))
  return terminal
}

/** The newest frame that was drawn: each begins where the cursor was hidden from, or where the last one ended. */
function lastFrame({ shown }: Terminal): readonly string[] {
  const frames = shown.split('\u001B[?2026h')
  return stripVTControlCharacters(frames.at(-1) ?? '').split(/\r?\n/)
}

/** Longer than any step takes on a busy machine. */
const GIVE_UP_MS = 30_000

/** Waits until a line of the newest frame is like that, and says what there is where none comes. */
async function shows(terminal: Terminal, pattern: RegExp): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_MS
  await until(() => performance.now() > giveUpAtMs || lastFrame(terminal).some(line => pattern.test(line)))
  expect(lastFrame(terminal)).toEqual(expect.arrayContaining([expect.stringMatching(pattern)]))
}

function expectRestored({ shown }: Terminal): void {
  expect(readFileSync(at.path('after'), 'utf8')).toBe(readFileSync(at.path('before'), 'utf8'))
  for (const [on, off] of [
    ['\u001B[?1049h', '\u001B[?1049l'],
    ['\u001B[?25l', '\u001B[?25h'],
    ['\u001B[?2004h', '\u001B[?2004l'],
  ] as const)
    expect(shown.lastIndexOf(off)).toBeGreaterThanOrEqual(shown.lastIndexOf(on))
  expect(shown).toContain('\u001B[?1049h')
}

describe.runIf(hasTerminal)('top on a terminal', () => {
  it('shows a lease and the end of its process, halts a run, fits 60 columns, and q gives the terminal back', async () => {
    const terminal = top()
    await terminal.shows('No leases.')
    const child = spawn('sleep', ['60'])
    const process = identify(child.pid ?? 0)
    await at.ledger.acquire({ lane: 'api', holder: 'agent-7', process, ttl: '5m' })
    await shows(terminal, /api +agent-7 .*ADVANCING/)
    expect(terminal.shown).toContain('\u001B[32mADVANCING')
    child.kill('SIGKILL')
    await shows(terminal, /api +agent-7 .*STALLED +the process is gone/)

    const run = at.run('work', [], 'sleep', '60')
    await shows(terminal, /work +H /)
    terminal.type('/work')
    await shows(terminal, /filter: work_/)
    terminal.type('\r')
    await shows(terminal, /^> work/)
    terminal.type('h')
    await shows(terminal, /Type why/)
    terminal.type('burns money')
    await shows(terminal, /why: burns money_/)
    terminal.type('\r')
    await shows(terminal, /with this reason: burns money/)
    terminal.type('y')
    await shows(terminal, /the holder of work@\d+, token \d+, is asked to stop/)
    expect((await run.ended).code).toBe(143)
    expect((await at.seen('HALT')).data.reason).toBe('burns money')

    const resize = spawn('stty', ['-F', readFileSync(at.path('tty'), 'utf8').trim(), 'cols', '60', 'rows', '20'])
    await new Promise(resolve => resize.once('close', resolve))
    terminal.type('\r')
    await shows(terminal, /with "work"/)
    terminal.type('\u001B')
    await shows(terminal, /api +agent-7 +in .* STALLED +(process-|the process)/)
    for (const line of lastFrame(terminal)) expect(stringWidth(line)).toBeLessThan(60)
    terminal.type('q')
    expect(await terminal.ended).toBe(0)
    expectRestored(terminal)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s gives the terminal back; without colours there are none, and names act on nothing',
    async (signal, code) => {
      await at.ledger.acquire({ lane: HOSTILE, holder: HOSTILE })
      const terminal = top({ NO_COLOR: '1', CI: '1' })
      await shows(terminal, /a\\u\{202e\}b/)
      process.kill(await numberIn(at.path('pid')), signal)
      expect(await terminal.ended).toBe(code)
      expectRestored(terminal)
      expect(terminal.shown).not.toMatch(/\p{Cc}\[[\d;]*m|[\u202E\u2066]/u)
    },
  )

  it('SIGKILL does not leave the terminal as it is drawn on', async () => {
    const terminal = top()
    await terminal.shows('No leases.')
    writeFileSync(at.path('killed'), '')
    process.kill(await numberIn(at.path('pid')), 'SIGKILL')
    expect(await terminal.ended).toBe(137)
    expectRestored(terminal)
  })

  it('Ctrl-C ends it, and gives the terminal back', async () => {
    const terminal = top({ TERM: 'dumb' })
    await terminal.shows('No leases.')
    terminal.type(KEYS.interrupt)
    expect(await terminal.ended).toBe(0)
    expectRestored(terminal)
    expect(terminal.shown).not.toMatch(/\p{Cc}\[[\d;]*m/u)
  })
})
