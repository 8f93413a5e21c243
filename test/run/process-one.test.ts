import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { COMMAND } from '../setup/command.ts'

const INSIDE = ['--pid', '--fork', '--mount-proc', '--kill-child']

// Needs namespaces of its own, which root has: skipped else.
it.skipIf(spawnSync('unshare', [...INSIDE, 'true']).status !== 0)(
  'run as the first process of a container says that an init is needed, and runs all the same',
  async () => {
    await using at = await LedgerFolder.make({ ttlDefaultMs: 60_000, graceMs: 1000 })
    const run = [process.execPath, COMMAND, 'run', 'api', '--holder', 'a', '--store', at.url, '--', 'echo', 'done']
    const inside = spawnSync('unshare', [...INSIDE, ...run], { encoding: 'utf8', cwd: at.folder })
    expect(inside).toMatchObject({ status: 0, stdout: 'done\n' })
    expect(inside.stderr).toContain('Start it under an init')
    const [node = '', ...args] = run
    expect(spawnSync(node, args, { encoding: 'utf8', cwd: at.folder }).stderr).toBe('')
  },
)
