import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokenGiven } from '@holdfast/engine/served'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND } from '../setup/command.ts'
import { HttpScene } from '../http/http-scene.ts'

let at: HttpScene
const folder = mkdtempSync(join(tmpdir(), 'holdfast-remote-cli-'))
beforeAll(async () => {
  at = await HttpScene.make()
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number
  readonly json: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Runs the command line in an empty folder, against the server's address. */
function run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ran> {
  const env = { PATH: process.env['PATH'], HOME: folder, HOLDFAST_STORE: at.url, ...environment }
  return new Promise(resolve => {
    const child = execFile(process.execPath, [COMMAND, ...args, '--json'], { cwd: folder, env }, (_error, out, err) => {
      const text = `${out}${err}`
      let json: Ran['json'] = {}
      try {
        json = JSON.parse(out === '' ? err : out) as Ran['json']
      } catch {
        // What was said is in the text.
      }
      resolve({ code: child.exitCode ?? -1, json, text })
    })
  })
}

it('works at the address of a server, with the token of the environment or of a file', async () => {
  const granted = await run(['acquire', 'api', '--holder', 'A', '--ttl', '60s'], { HOLDFAST_TOKEN: at.owner })
  expect(granted, granted.text).toMatchObject({ code: 0, json: { outcome: 'granted' } })
  const file = join(folder, 'token')
  const reader = at.token({ name: 'reader', can: ['read'] })
  writeFileSync(file, `${reader}\n`, { mode: 0o600 })
  const byFile = { HOLDFAST_TOKEN_FILE: file }
  const [leases, refused] = await Promise.all([run(['leases'], byFile), run(['acquire', 'x', '--holder', 'A'], byFile)])
  expect(JSON.stringify(leases.json), leases.text).toContain('"lane":"api"')
  expect(refused.code).toBe(2)
  expect(refused.text).toContain('lacks the right acquire')
  const said = [granted, leases, refused].map(({ text }) => text).join('')
  for (const secret of [at.owner, reader]) expect(said).not.toContain(secret.split('.')[2])
}, 60_000)

describe('a token', () => {
  it('is the given one, else that of HOLDFAST_TOKEN, else that in the file of HOLDFAST_TOKEN_FILE', () => {
    const file = join(folder, 'one')
    writeFileSync(file, 'of-the-file\n', { mode: 0o600 })
    const both = { HOLDFAST_TOKEN: 'of-the-variable', HOLDFAST_TOKEN_FILE: file }
    expect(tokenGiven('given', both)).toBe('given')
    expect(tokenGiven(undefined, both)).toBe('of-the-variable')
    expect(tokenGiven(undefined, { HOLDFAST_TOKEN: '', HOLDFAST_TOKEN_FILE: file })).toBe('of-the-file')
  })

  it('is not taken from a file that others may read, nor from what is no file of a token', () => {
    const file = join(folder, 'wide')
    writeFileSync(file, 'secret-word')
    chmodSync(file, 0o644)
    const of = (path: string) => () => tokenGiven(undefined, { HOLDFAST_TOKEN_FILE: path })
    expect(of(file)).toThrow(/chmod 600/)
    expect(of(join(folder, 'none'))).toThrow(/is not there/)
    expect(of(folder)).toThrow(/holds no token/)
    expect(() => tokenGiven(undefined, {})).toThrow(/HOLDFAST_TOKEN/)
    expect(() => tokenGiven('two words\r\nX: y', {})).toThrow(/it is one word/)
  })
})
