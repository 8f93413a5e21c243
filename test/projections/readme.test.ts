import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

it('the sample of the README runs as it stands', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../packages/projections/README.md'), 'utf8')
  const sample = /```ts\n(.*?)```/s.exec(readme)?.[1]
  if (sample === undefined) throw new Error('the README has no sample')
  const folder = join(import.meta.dirname, '..')
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', sample], { cwd: folder })
  // Whether the first view of the empty ledger is shown before the sample ends is a matter of timing.
  expect(stdout).toBe('[]\n0 live now\ntrue\n')
})
