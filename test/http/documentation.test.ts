import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'http-api.md'), 'utf8')
const CALLS = [...text.matchAll(/^```sh curl\n([\s\S]*?)^```$/gm)].map(([, call = '']) => call)

const ANSWERS = [
  { outcome: 'granted', lease: { lane: 'ci/build', token: 1 } },
  { outcome: 'beaten' },
  { outcome: 'released' },
  { head: 1, leases: [{ lane: 'ci/build' }] },
  { about: 'name', name: 'ci/build' },
  { type: 'ACQUIRE', data: { lane: 'ci/build' } },
]

it('shows calls that work as they stand', async () => {
  await using at = await HttpScene.make()
  const can = ['acquire', 'release', 'heartbeat', 'read'] as const
  const token = at.token({ name: 'ci', can: [...can], lanes: ['ci/*'], holders: ['ci-*'] })
  const env = { ...process.env, URL: at.url, TOKEN: token }
  const answers: unknown[] = []
  for (const call of CALLS) {
    const { stdout } = await promisify(execFile)('sh', ['-c', call], { env })
    answers.push(JSON.parse(stdout))
  }
  expect(answers).toMatchObject(ANSWERS)
})
