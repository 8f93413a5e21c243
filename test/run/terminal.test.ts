import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { ended, isStopped, numberIn, until } from './harness/processes.ts'
import { hasTerminal, KEYS, Terminal } from './harness/terminal.ts'
import { COMMAND } from '../setup/command.ts'

// The real command line on a real pseudo terminal: who gets which signal there is decided by the kernel's line
// discipline and by the shell's job control, not by us.

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make({ ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600 })
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

/** A shell on a terminal, in which `hold` runs words under a lease. */
function shell(words: string): Terminal {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` }
  const hold = `hold() { node ${COMMAND} run work --holder H --store ${at.url} "$@"; }`
  return new Terminal(`${hold}; ${words}`, { cwd: at.folder, env })
}

/** The pid of the child, which has written it into a file. */
const child = (): Promise<number> => numberIn(at.path('child'))

describe.runIf(hasTerminal)('on a terminal', () => {
  it('the child reads from it and writes to it, and its code is the code', async () => {
    const terminal = shell(
      `hold -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo ready; read -r x; echo "<$x>"; exit 7'`,
    )
    await terminal.shows('ready')
    terminal.type('hello\r')
    expect(await terminal.ended).toBe(7)
    expect(terminal.shown).toContain('<hello>')
    expect((await at.seen('RELEASE')).data.lane).toBe('work')
  })

  it.each([
    ['Ctrl-C', KEYS.interrupt, 'INT'],
    ['Ctrl-\\', KEYS.quit, 'QUIT'],
  ] as const)('%s reaches the child once, and what it makes of it counts', async (_name, keys, signal) => {
    // The shell hears of it as well, and some would end with 128 and the signal although their child did not.
    const terminal = shell(
      `trap : ${signal}; hold -- sh -c 'trap "echo once >> got" ${signal}; echo ready; while [ ! -e go ]; do sleep 0.05; done; exit 9'; exit $?`,
    )
    await terminal.shows('ready')
    terminal.type(keys)
    await until(() => existsSync(at.path('got')))
    // Whatever else is on its way to the child arrives before it can end.
    const { revision } = await at.seen('HEARTBEAT', ({ data }) => data.children !== undefined)
    await at.seen('HEARTBEAT', event => event.revision > revision)
    writeFileSync(at.path('go'), '')
    expect(await terminal.ended).toBe(9)
    expect(readFileSync(at.path('got'), 'utf8')).toBe('once\n')
  })

  it('Ctrl-C ends a child that does not catch it: 130, and the lane is free', async () => {
    const terminal = shell(`trap : INT; hold -- sh -c 'echo ready; exec sleep 60'; exit $?`)
    await terminal.shows('ready')
    terminal.type(KEYS.interrupt)
    expect(await terminal.ended).toBe(130)
    expect(await at.ledger.acquire({ lane: 'work', holder: 'next' })).toMatchObject({ outcome: 'granted' })
  })

  it('a HALT reaches the child and what it has started, also as a job of its own', async () => {
    const jobs = `set -m; sh -c 'echo $$ > job; exec sleep 60' & echo $$ > child; wait`
    const terminal = shell(`hold -- sh -c "${jobs.replaceAll('$', '\\$')}"`)
    const [pid, job] = [await child(), await numberIn(at.path('job'))]
    await at.ledger.halt({ handle: 'stop', lane: 'work' })
    expect(await terminal.ended).toBe(143)
    await ended(pid)
    await ended(job)
  })

  it('Ctrl-Z stops runner and child, and in time brought back to the foreground both go on', async () => {
    // Starts nothing while it waits: where a shell is stopped between vfork and exec, the kernel shows it waiting, not stopped.
    const terminal = shell(
      `set -m; hold -- sh -c 'echo $$ > child; while [ ! -e go ]; do :; done; exit 5'; echo stopped=$?; while [ ! -e fg ]; do sleep 0.02; done; fg; exit $?`,
    )
    const pid = await child()
    terminal.type(KEYS.suspend)
    await terminal.shows('stopped=')
    // The shell hears of the runner, which the signal may have reached a moment before the child.
    await until(() => isStopped(pid))
    writeFileSync(at.path('go'), '')
    writeFileSync(at.path('fg'), '')
    expect(await terminal.ended).toBe(5)
  })

  it('Ctrl-Z for longer than the lease lives loses it: brought back, the child is ended', async () => {
    const terminal = shell(
      `set -m; hold -- sh -c 'echo $$ > child; while :; do sleep 0.05; done'; echo stopped=$?; while [ ! -e fg ]; do sleep 0.02; done; fg; exit $?`,
    )
    const pid = await child()
    terminal.type(KEYS.suspend)
    await terminal.shows('stopped=')
    const [lease] = await at.ledger.leases()
    await until(async () => (await at.ledger.now()) > (lease?.expiresAtMs ?? 0))
    writeFileSync(at.path('fg'), '')
    expect(await terminal.ended).toBe(123)
    await ended(pid)
  })

  it('a killed runner takes its child along with --die-with-runner, though the terminal would leave it', async () => {
    const terminal = shell(
      `hold --die-with-runner -- sh -c 'trap "" HUP; echo $PPID > runner; echo $$ > child; exec sleep 60'`,
    )
    const [pid, runner] = [await child(), await numberIn(at.path('runner'))]
    process.kill(runner, 'SIGKILL')
    expect(await terminal.ended).toBe(137)
    await ended(pid)
  })
})
