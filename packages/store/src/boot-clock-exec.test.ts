import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemBootClock } from './boot-clock.ts'

it('has the same origin in a process that was a shell for longer than the tolerance', { timeout: 60_000 }, () => {
  const module = JSON.stringify(join(import.meta.dirname, 'boot-clock.ts'))
  const print = `import(${module}).then(({ systemBootClock }) => console.log(systemBootClock().origin.originMs))`
  const script = 'sleep 3; exec "$0" --input-type=module -e "$1"'
  const told = execFileSync('sh', ['-c', script, process.execPath, print], { encoding: 'utf8' })
  expect(told.trim()).toBe(String(systemBootClock().origin.originMs))
})
