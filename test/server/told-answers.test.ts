import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { rawOf } from '@holdfast/core/internal'
import { systemTimers } from '@holdfast/engine'
import { encodeFrame, ServerLink } from '@holdfast/engine/served'
import { describe, expect, it, vi } from 'vitest'
import { COMMAND } from '../setup/command.ts'
import { Scene } from './scene.ts'

/** Each of them starts programs. */
vi.setConfig({ testTimeout: 60_000 })

interface Ran {
  readonly exitCode: number | string
  readonly json: unknown
  readonly stderr: string
}

function run(scene: Scene, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const words = [COMMAND, '--store', scene.url, '--json', ...args]
  return new Promise(resolve => {
    const env = { ...process.env, ...environment }
    execFile(process.execPath, words, { env, cwd: scene.folder }, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? 0, json: stdout === '' ? null : JSON.parse(stdout), stderr })
    })
  })
}

const NO_STORE = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'no-store.cjs')}` }

/** What one run has of its own: when it was, where, and in which ledger. */
function alike({ json, ...ran }: Ran, scene: Scene): unknown {
  const text = JSON.stringify({ ...ran, json })
    .replaceAll(scene.folder, 'FOLDER')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'INSTANT')
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
    .replaceAll(/--wait \d+s/g, '--wait SPAN')
    .replaceAll(/"pid":\d+/g, '"pid":0')
  return JSON.parse(text)
}

/** One after another; each answer has another shape. */
const LINES: readonly (readonly string[])[] = [
  ['acquire', 'x', '--holder', 'A', '--region', 'src/**', '--ttl', '90s'],
  ['acquire', 'y', '--holder', 'B', '--region', 'SRC/a.ts', '--kind', 'review'],
  ['acquire', 'gpu-1', '--any-of', 'gpu-2', '--holder', 'A', '--request-id', 'one'],
  ['acquire', 'gpu-1', '--any-of', 'gpu-2', '--holder', 'A', '--request-id', 'one'],
  ['halt', 'stop-it', '--lane', 'x', '--reason', 'enough'],
  ['heartbeat', 'x', '--holder', 'A', '--token', '1', '--activity', 'build', '--expect', '5m'],
  ['heartbeat', 'x', '--holder', 'B', '--token', '7'],
  ['release', 'x', '--holder', 'A', '--token', '1'],
  ['release', 'x', '--holder', 'A', '--token', '1'],
]

describe('what a server tells of a command', () => {
  it('is what the command answers at the file, and the command opens no store', async () => {
    await using served = await Scene.make()
    await using alone = await Scene.make()
    await served.serve()
    for (const line of LINES) {
      const isTold = line[0] !== 'halt'
      const [told, own] = await Promise.all([run(served, line, isTold ? NO_STORE : {}), run(alone, line)])
      expect(alike(told, served), line.join(' ')).toEqual(alike(own, alone))
    }
    const [ofServed, ofAlone] = await Promise.all([served.log(), alone.log()])
    expect(ofServed.map(({ type }) => type)).toEqual(ofAlone.map(({ type }) => type))
    // Whoever was asked to stop has confirmed it.
    const confirmed = (log: typeof ofServed) => log.map(entry => typeof rawOf(entry).causation)
    expect(confirmed(ofServed)).toEqual(confirmed(ofAlone))
  })

  it('another ledger than HOLDFAST_LEDGER_ID means is sent nothing', async () => {
    await using scene = await Scene.make()
    await scene.serve()
    const meant = { HOLDFAST_LEDGER_ID: '00000000-0000-4000-8000-000000000000' }
    const { exitCode, stderr } = await run(scene, ['acquire', 'x', '--holder', 'A'], { ...NO_STORE, ...meant })
    expect(exitCode).toBe(6)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'foreign' } })
    expect(await scene.types()).toEqual([])
  })

  it('by one that does not know how: the command is decided at the file, once', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const path = join(scene.folder, 'old.sock')
    const own = { ledger: 'default', actor: null }
    const link = await ServerLink.connect(server.socket, { hello: own, timers: systemTimers })
    const { hello } = link
    link.close()
    // Greets as the server does, and ends the connection at the first request.
    const old = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.write(encodeFrame(hello))
        socket.once('data', () => socket.end(encodeFrame({ bye: 'a request that is not known' })))
      })
    })
    await new Promise<void>(resolve => {
      old.listen(path, resolve)
    })
    scene.announce({ socket: path })
    const { exitCode, json } = await run(scene, ['acquire', 'x', '--holder', 'A'])
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { outcome: 'granted', repeated: false } })
    expect(await scene.types()).toEqual(['ACQUIRE'])
    old.close()
  })
})
