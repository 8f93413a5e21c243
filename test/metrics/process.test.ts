import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { TokenStore } from '@holdfast/server'
import { Scene } from '../server/scene.ts'
import { COMMAND } from '../setup/command.ts'
import { readExposition } from './exposition.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

test('holdfast serve, as it is published: what another process does is scraped, and sent by OTLP before it ends', async () => {
  await using scene = await Scene.make()
  const sent: { readonly path: string; readonly body: Buffer }[] = []
  const collector = createServer((asked, answer) => {
    const pieces: Buffer[] = []
    asked.on('data', (piece: Buffer) => pieces.push(piece))
    asked.on('end', () => {
      sent.push({ path: asked.url ?? '', body: Buffer.concat(pieces) })
      answer.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>(resolve => {
    collector.listen(0, '127.0.0.1', resolve)
  })
  const { port } = collector.address() as AddressInfo
  const { secret } = new TokenStore(scene.url).create({ name: 'prometheus', can: ['read'] }, Date.now())
  const words = [COMMAND, 'serve', '--store', scene.url, '--listen', '127.0.0.1:0']
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_SERVICE_NAME: 'fleet' }
  const server = spawn(process.execPath, words, {
    env: { ...process.env, ...endpoint },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const listen = await listening(server.stdout)
    const env = { ...process.env, TRACEPARENT: `00-${TRACE}-00f067aa0ba902b7-01` }
    const acquire = [COMMAND, 'acquire', 'api', '--holder', 'ann', '--store', scene.url]
    await promisify(execFile)(process.execPath, acquire, { env })
    const answer = await fetch(`http://${listen}/metrics`, { headers: { Authorization: `Bearer ${secret}` } })
    const commands = readExposition(await answer.text()).get('holdfast_commands_total')?.samples
    expect(commands).toEqual([
      {
        name: 'holdfast_commands_total',
        labels: { ledger: 'default', command: 'acquire', outcome: 'granted', code: 'none' },
        value: 1,
      },
    ])
    const ended = new Promise(resolve => server.once('exit', resolve))
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
    const [traces, metrics] = ['/v1/traces', '/v1/metrics'].map(path => sent.find(one => one.path === path)?.body)
    expect(traces?.includes(Buffer.from(TRACE, 'hex'))).toBe(true)
    expect(traces?.includes('fleet')).toBe(true)
    expect(metrics?.includes('holdfast_commands_total')).toBe(true)
    expect(metrics?.includes('holdfast_leases')).toBe(true)
  } finally {
    server.kill('SIGKILL')
    collector.close()
  }
})

/** Where it says that it listens for HTTP. */
async function listening(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const told: unknown = JSON.parse(line)
    const listen: unknown = Reflect.get(Object(told), 'listen')
    if (typeof listen === 'string') return listen
  }
  throw new Error('it ended before it listened')
}
