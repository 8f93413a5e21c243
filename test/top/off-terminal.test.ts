import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'

const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'top.md'), 'utf8')

/** What differs from run to run: instants, spans, blanks that fill up to them, the place and the id of the ledger. */
const normalised = (text: string): string =>
  text
    .replaceAll(/sqlite:\S+/g, 'STORE')
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
    .replaceAll(/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/less than the grace of \S+/g, 'GRACE')
    .replaceAll(/\b(?:(?:in )?(?:\d+(?:h|min|s|ms)\b ?)+(?:ago)?|now)(?=[ ,;)]| *$)/gm, 'SPAN ')
    .replaceAll(/ +/g, ' ')

it('off a terminal it says what to use, and prints one frame on request, as the document shows it', async () => {
  const holdfast = new Holdfast()
  const acquire = (lane: string, holder: string, ...flags: string[]) =>
    holdfast.call(['acquire', lane, '--holder', holder, ...flags])
  await acquire('api', 'agent-7', '--kind', 'build', '--region', 'src/api/**', '--ttl', '5m')
  await acquire('docs', 'agent-9', '--region', 'src/**/*.md')
  await acquire('web', 'agent-3', '--ttl', '60s')
  await holdfast.call(['halt', 'stop-1', '--lane', 'web', '--reason', 'burns money'])
  const [off, json, wrong, once, other] = await Promise.all([
    holdfast.call(['top']),
    holdfast.call(['top', '--json']),
    holdfast.call(['top', '--once', '--every', '1ms']),
    holdfast.call(['top', '--once']),
    holdfast.call(['top', '--once', '--holder', 'agent-3']),
  ])
  expect(off).toMatchObject({ exitCode: 2, stdout: '' })
  expect(off.stderr).toMatch(/needs a terminal.*`holdfast top --once`.*`holdfast leases`/)
  expect(json).toMatchObject({ exitCode: 2, stdout: '' })
  expect(json.stderr).toContain('`holdfast leases --json`')
  expect(wrong).toMatchObject({ exitCode: 2, stderr: 'every: "1ms" is too short; give 200ms to 1h.\n' })
  expect(once).toMatchObject({ exitCode: 0, stderr: '' })
  const [, shown = ''] = /<!-- frame: compared by test\/top -->\n```console\n.*?\n(.*?)```/s.exec(document) ?? []
  expect(normalised(once.stdout)).toBe(normalised(shown))
  expect(other.stdout).toContain('1 of 2 leases')
  expect(other.stdout).not.toMatch(/^ {2}api /m)
})
