import { writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { LogEntry } from '@holdfast/core'
import { expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'
import { Scene } from '../server/scene.ts'

interface Step {
  readonly operation: string
  readonly body: Readonly<Record<string, unknown>>
  readonly words: readonly string[]
  readonly key?: string
}

/** Commands by both doors: the tokens are those that both logs give. */
const STEPS: readonly Step[] = [
  step('acquire api --holder ann --region src/** --ttl 90s', {
    lane: 'api',
    holder: 'ann',
    region: ['src/**'],
    ttl: '90s',
  }),
  step('acquire web --holder ben --region src/a', { lane: 'web', holder: 'ben', region: ['src/a'] }),
  step('acquire api --holder ben --any-of gpu --mode shared', {
    lane: 'api',
    holder: 'ben',
    anyOf: ['gpu'],
    mode: 'shared',
  }),
  step('heartbeat api --holder ann --token 1 --progress half', {
    lane: 'api',
    holder: 'ann',
    token: 1,
    progress: 'half',
  }),
  step('check api --token 1', { lane: 'api', token: 1 }),
  step('check api --token 7', { lane: 'api', token: 7 }),
  step('halt stop --lane api', { handle: 'stop', lane: 'api' }),
  step('adopt api --holder cid --expect-token 1', { lane: 'api', holder: 'cid', expectToken: 1 }),
  step('scavenge api --token 1', { lane: 'api', token: 1 }),
  step('spawn job --holder dan --ttl 2m', { lane: 'job', holder: 'dan', ttl: '2m' }),
  step('release api --holder ann --token 1 --reason done', { lane: 'api', holder: 'ann', token: 1, reason: 'done' }),
  step('release api --holder ann --token 1', { lane: 'api', holder: 'ann', token: 1 }),
  step('acquire once --holder ann --request-id k', { lane: 'once', holder: 'ann' }, 'k'),
  step('acquire once --holder ann --request-id k', { lane: 'once', holder: 'ann' }, 'k'),
  step('acquire -x --holder -y', { lane: '-x', holder: '-y' }),
  step('scavenge gpu --token 3 --force', { lane: 'gpu', token: 3, force: true }),
  step('acquire gpu --holder ann', { lane: 'gpu', holder: 'ann' }),
]

it('leaves the same log as the command line, and answers with the same JSON', async () => {
  await using http = await HttpScene.make()
  await using typed = await Scene.make()
  const byLine = await answersOf(typed)
  const byHttp: unknown[] = []
  for (const { operation, body, key } of STEPS) {
    const headers = key === undefined ? {} : { 'Idempotency-Key': key }
    const { json } = await http.post(operation, body, { headers })
    const { type: _type, title: _title, status: _status, detail: _detail, ...answer } = json
    byHttp.push(answer)
  }
  expect(comparable(byHttp)).toEqual(comparable(byLine))
  expect(comparable(recorded(await http.scene.log()))).toEqual(comparable(recorded(await typed.log())))
})

function step(line: string, body: Step['body'], key?: string): Step {
  const [operation = '', ...words] = line.split(' ')
  const isFlag = words[0]?.startsWith('-') === true
  const tied = words.map((word, index) => (word === '-y' ? '' : words[index + 1] === '-y' ? `${word}=-y` : word))
  const rest = tied.filter(word => word !== '')
  const typed = isFlag ? [operation, ...rest.slice(1), '--', words[0] ?? ''] : [operation, ...rest]
  return key === undefined ? { operation, body, words: typed } : { operation, body, words: typed, key }
}

/** Without what two stores and two moments differ in, and without where the suggested lines are to work. */
function comparable(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/"(until|earliestRetryAt)":\d+/g, '"$1":0')
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
    .replaceAll(/--wait \d+[sm]/g, '--wait SPAN')
    .replaceAll(/ --json| --no-server| --store sqlite:\S+?(?=["\s])/g, '')
  return JSON.parse(text, (name, field: unknown) =>
    ['store', 'root', 'why', 'actor', 'nowMs', 'expiresAt', 'lastBeatAt'].includes(name) && typeof field !== 'object'
      ? 'ANY'
      : field,
  )
}

/** What was recorded; a cause by its revision, since the ids of two logs differ. */
function recorded(log: readonly LogEntry[]): readonly object[] {
  const revisions = new Map(log.map(entry => ['eventId' in entry ? entry.eventId : '', entry.revision]))
  return log.map(entry => {
    if (entry.type === 'UNRECOGNISED') return { type: entry.type }
    const { type, data, revision, causation } = entry
    return { type, data, revision, cause: causation === undefined ? null : (revisions.get(causation) ?? 'elsewhere') }
  })
}

async function answersOf(scene: Scene): Promise<readonly unknown[]> {
  const file = join(scene.folder, 'lines.json')
  const lines = STEPS.map(({ words }) => {
    const end = words.indexOf('--')
    const flags = ['--json', '--no-server', '--store', scene.url]
    return end === -1 ? [...words, ...flags] : [...words.slice(0, end), ...flags, ...words.slice(end)]
  })
  writeFileSync(file, JSON.stringify(lines))
  const runner = join(import.meta.dirname, '..', 'cli', 'run-lines.ts')
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_')))
  const child = spawn(process.execPath, [runner, file], { cwd: scene.folder, env })
  let out = ''
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
  await new Promise(resolve => child.once('close', resolve))
  return out
    .split(/^#\d+\n/m)
    .slice(1)
    .map(text => JSON.parse(text) as unknown)
}
