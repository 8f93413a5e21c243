import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callbackSink, fileSink, Heartbeat, readBeat } from '@holdfast/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-beat-links-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['to a file', true],
  ['to nothing yet, in a folder that is not there', false],
])('a beat goes through a chain of links %s, and they stay', async (_what, isThere) => {
  if (isThere) writeFileSync(join(folder, 'target.json'), 'old')
  symlinkSync(isThere ? 'target.json' : 'deep/target.json', join(folder, 'second'))
  symlinkSync('second', join(folder, 'first'))
  const heartbeat = new Heartbeat({ sink: fileSink(join(folder, 'first')) })
  await heartbeat.beat()
  for (const name of ['first', 'second']) expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true)
  const target = join(folder, readlinkSync(join(folder, 'second')))
  expect(await readBeat(target)).toMatchObject({ outcome: 'read' })
  expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
})

it('a link to a device is refused, and stays', async () => {
  symlinkSync('/dev/null', join(folder, 'link'))
  const heartbeat = new Heartbeat({ sink: fileSink(join(folder, 'link')) })
  await expect(heartbeat.beat()).rejects.toMatchObject({ code: 'beat-failed' })
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
  expect(readFileSync('/dev/null', 'utf8')).toBe('')
})

it('metadata with a key that readers drop is refused, given at once or asked for', async () => {
  const metadata = JSON.parse('{"step":1,"more":{"__proto__":{"x":1}}}') as Record<string, unknown>
  const sink = callbackSink(() => undefined)
  expect(() => new Heartbeat({ sink, metadata })).toThrow('metadata.more.__proto__')
  const asked = new Heartbeat({ sink, metadata: () => metadata })
  await expect(asked.beat()).rejects.toThrow('metadata.more.__proto__')
})
