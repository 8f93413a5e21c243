import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { afterAll, expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-openapi-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TSC = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'tsc')

/** A client that knows nothing but the document. */
const CLIENT = `
import type { paths } from './api.d.ts'

type Acquire = paths['/v1/ledgers/{ledger}/acquire']['post']
type Body = Acquire['requestBody']['content']['application/json']
type Granted = Acquire['responses'][201]['content']['application/json']
type Leases = paths['/v1/ledgers/{ledger}/leases']['get']['responses'][200]['content']['application/json']

const [url = '', token = ''] = process.argv.slice(2)
const headers = { Authorization: \`Bearer \${token}\`, 'Content-Type': 'application/json' }
const body: Body = { lane: 'typed', holder: 'client', ttl: '30s' }
const granted = (await (await fetch(\`\${url}/v1/ledgers/default/acquire\`, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as Granted
if (granted.outcome !== 'granted') throw new Error(granted.outcome)
const held: number = granted.lease.token
const leases = (await (await fetch(\`\${url}/v1/ledgers/default/leases\`, { headers })).json()) as Leases
const lanes: string[] = leases.leases.map(lease => lease.lane)
// @ts-expect-error: a lane is no number.
const wrong: Body = { lane: 7, holder: 'client' }
void wrong
console.log(JSON.stringify({ held, lanes }))
`

it('describes itself well enough for a typed client, which works', async () => {
  await using at = await HttpScene.make()
  const { json, status } = await at.ask('/openapi.json')
  expect(status).toBe(200)
  expect(json['openapi']).toBe('3.1.0')
  writeFileSync(join(folder, 'api.d.ts'), astToString(await openapiTypescript(JSON.stringify(json))))
  writeFileSync(join(folder, 'client.ts'), CLIENT)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const run = promisify(execFile)
  const flags = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions']
  const types = ['--types', 'node', '--typeRoots', join(import.meta.dirname, '..', '..', 'node_modules', '@types')]
  await run(TSC, [...flags, ...types, 'client.ts'], { cwd: folder })
  const { stdout } = await run(process.execPath, [join(folder, 'client.ts'), at.url, at.owner])
  expect(JSON.parse(stdout)).toEqual({ held: 1, lanes: ['typed'] })
})
