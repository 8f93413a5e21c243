import { expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

// As other command lines do: what nobody reads is dropped, and the code is that of the work.
it.concurrent.each([
  ['help leases', 0],
  ['--version', 0],
  ['leases', 0],
  ['check api --token 7', 4],
  ['help nope', 2],
])('holdfast %s ends quietly with its own code when nobody reads what it prints', async (line, code) => {
  const holdfast = new Holdfast()
  await holdfast.call(['init', '--create'])
  const { stdout, stderr } = await holdfast.bash(
    `{ holdfast ${line} 2>&3 3>&-; echo "code $?" >&4; } 3>errors 4>code | true; cat code; cat errors >&2`,
  )
  expect(stdout.trim()).toBe(`code ${code}`)
  if (code !== 2) expect(stderr).not.toMatch(/EPIPE|unexpected/)
})

it('help of a command whose reader goes after the first line ends quietly', async () => {
  const { stdout, stderr } = await new Holdfast().bash('holdfast help leases | head -n 1; echo "${PIPESTATUS[0]}"')
  expect(stdout).toBe('Usage: holdfast leases [options]\n0\n')
  expect(stderr).toBe('')
})
