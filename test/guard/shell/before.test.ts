import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, relative, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isPlainReading } from '../../../packages/cli/src/shell-writes/readers.ts'
import { filesBelow } from '../../../packages/cli/src/shell-writes/files-below.ts'
import { systemLook } from '../../../packages/cli/src/shell-writes/look.ts'
import { writesOf } from '../../../packages/cli/src/shell-writes/writes-of.ts'
import { EVERYDAY_COMMANDS } from './everyday-commands.ts'
import { shellEnvironment, ShellRepository } from './shell-repository.ts'
import { MORE_SHELL_WAYS } from './more-shell-ways.ts'
import { SHELL_WAYS } from './shell-ways.ts'

const WAYS = [...SHELL_WAYS, ...MORE_SHELL_WAYS]

const repository = new ShellRepository()
afterAll(() => repository[Symbol.dispose]())

/** What of `src/api` a command would write, as far as can be told. */
function foreign(command: string): readonly string[] {
  const { root } = repository
  const { targets } = writesOf(command, root, { ...shellEnvironment(), HOME: '/home/somebody' })
  return targets
    .flatMap(({ path, extent }) => {
      const below = extent === 'tree' ? filesBelow(resolve(path), systemLook, 1000).paths : []
      return [path, ...below.map(file => `${path}/${file}`)]
    })
    .map(path => relative(root, resolve(path)))
    .filter(path => path.startsWith('src/api'))
}

describe('what a shell command writes', () => {
  it.each(WAYS.filter(({ before }) => before === 'refused'))('is told before it runs: $name', ({ command }) => {
    expect(foreign(command)).not.toEqual([])
  })

  it.each(WAYS.filter(({ before }) => before === 'not-told'))('is not guessed: $name', ({ command }) => {
    expect(foreign(command)).toEqual([])
  })

  it('at least fifty ways are known, and thirty of them can be told', () => {
    expect(MORE_SHELL_WAYS.length).toBeGreaterThanOrEqual(50)
    expect(new Set(WAYS.map(({ command }) => command)).size).toBe(WAYS.length)
    expect(SHELL_WAYS.length).toBeGreaterThanOrEqual(50)
    expect(SHELL_WAYS.filter(({ before }) => before === 'refused').length).toBeGreaterThanOrEqual(30)
  })

  it.each(EVERYDAY_COMMANDS)('is nothing of somebody else’s in an everyday command: %s', command => {
    expect(foreign(command)).toEqual([])
  })

  it('a hundred everyday commands are known', () => {
    expect(EVERYDAY_COMMANDS.length).toBeGreaterThanOrEqual(100)
    expect(new Set(EVERYDAY_COMMANDS).size).toBe(EVERYDAY_COMMANDS.length)
  })

  it('a line that passes for a plain question writes nothing when it is parsed', () => {
    const plain = EVERYDAY_COMMANDS.filter(isPlainReading)
    expect(plain.length).toBeGreaterThan(15)
    for (const command of plain) expect(writesOf(command, repository.root, {}).targets).toEqual([])
    for (const { command } of WAYS) expect(isPlainReading(command)).toBe(false)
  })

  it('does not wait for a pipe, and reads nothing that the kernel makes', async () => {
    const pipe = join(repository.folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const writer = spawn('bash', ['-c', 'echo "rm src/api/x.ts" > "$0"', pipe], { stdio: 'ignore' })
    const ended = once(writer, 'exit')
    expect(systemLook.text(pipe)).toBeNull()
    expect(systemLook.text('/proc/self/status')).toBeNull()
    const { targets, unresolved } = writesOf(`bash ${pipe}; source ${pipe}; cat ${pipe}`, repository.root, {})
    expect({ targets, why: unresolved.map(({ why }) => why) }).toEqual({ targets: [], why: ['code', 'code'] })
    // Nobody has read: the writer waits still.
    expect(writer.exitCode).toBeNull()
    writer.kill('SIGKILL')
    await ended
  })
})
