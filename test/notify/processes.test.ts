import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openLedger, systemTimers } from '@holdfast/engine'
import { NotifyCheckAnswer, NotifyTestAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { sampleNotice } from '../../packages/server/src/notify/notice.ts'
import { NotifyRule } from '../../packages/server/src/notify/rules.ts'
import { webhook } from '../../packages/server/src/notify/webhook.ts'
import { Holdfast } from '../cli/holdfast.ts'
import { Child } from '../server/children.ts'
import { isSigned, Receiver } from './receiver.ts'

const SECRET = 'the-secret-of-this-test'

describe('real processes', () => {
  it('a holder that is killed is told of, signed and once, also if the server is killed; its successor tells what it missed', async () => {
    await using receiver = await Receiver.open()
    const holdfast = new Holdfast()
    const url = `sqlite:${holdfast.path('l.db')}`
    const ledger = await openLedger(url, { server: false, compaction: { automatic: false } })
    const secretFile = holdfast.path('secret')
    writeFileSync(secretFile, SECRET, { mode: 0o600 })
    const rule = { on: ['stalled', 'lease-lost'], webhook: { url: receiver.url, secret: { file: secretFile } } }
    writeFileSync(holdfast.path('holdfast.config.json'), JSON.stringify({ notify: { chat: rule } }))
    const serve = async () => {
      const running = holdfast.start(['serve', '--store', url, '--json'])
      await running.lines(1)
      return running
    }
    const first = await serve()
    await using holder = new Child('client-child.ts', [url, 'hold', 'A'])
    await holder.says('granted')
    holder.kill('SIGKILL')
    await receiver.has(1)
    first.child.kill('SIGKILL')
    await first.ended
    const { leases } = await ledger.refresh()
    const [held] = [...leases.values()]
    if (held === undefined) throw new Error('A has its lease still')
    await ledger.adopt({ lane: 'x', newHolder: 'B', expectToken: held.token, force: true, process: null })
    const second = await serve()
    await receiver.has(2)
    second.child.kill('SIGTERM')
    const { exitCode, stdout } = await second.ended
    expect(exitCode).toBe(0)
    expect(receiver.told).toEqual(['chat: stalled', 'chat: lease-lost'])
    for (const arrived of receiver.arrived) expect(isSigned(arrived, SECRET)).toBe(true)
    expect(receiver.arrived[0]?.notice).toMatchObject({ lane: 'x', holder: 'A', token: held.token, sample: false })
    expect(stdout).toContain('a notice was told')
    expect(stdout).not.toContain(SECRET)
    expect(stdout).not.toContain('hidden-path')
    await ledger.close()
  })

  it('the receiver of docs/notify.md hands on what is signed, once, and refuses the rest', async () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'notify.md'), 'utf8')
    const [, script = ''] = /<!-- receiver\.mjs: run by test\/notify -->\s*```js\n(.*?)```/s.exec(text) ?? []
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('receiver.mjs'), script)
    writeFileSync(holdfast.path('webhook-secret'), `${SECRET}\n`)
    const said: string[] = []
    const chat = createServer((request, response) => {
      request.on('data', (piece: Buffer) => said.push(piece.toString()))
      request.on('end', () => response.writeHead(200).end())
    })
    await new Promise<void>(resolve => {
      chat.listen(0, '127.0.0.1', resolve)
    })
    const address = chat.address()
    if (address === null || typeof address === 'string') throw new Error('it listens at a port')
    const env = { ...process.env, PORT: '0', CHAT_URL: `http://127.0.0.1:${address.port}/` }
    const receiver = spawn(process.execPath, ['receiver.mjs'], { cwd: holdfast.folder, env })
    const ended = once(receiver, 'exit')
    let port = ''
    receiver.stdout.on('data', (piece: Buffer) => (port += piece.toString()))
    await expect.poll(() => port, { timeout: 10_000 }).toContain('\n')
    const rule = NotifyRule.parse({ on: ['stalled'], command: ['true'] })
    const url = `http://127.0.0.1:${port.trim()}/`
    const notice = sampleNotice('chat', rule, { nowMs: 0, id: 'one' })
    const tries = { timers: systemTimers, limitMs: 5_000, signal: new AbortController().signal }
    const genuine = webhook({ url, secret: { file: holdfast.path('webhook-secret') } })
    expect((await genuine(notice, tries)).outcome).toBe('told')
    expect((await genuine(notice, tries)).outcome).toBe('told')
    writeFileSync(holdfast.path('another'), 'another-secret-of-somebody')
    const forged = await webhook({ url, secret: { file: holdfast.path('another') } })(notice, tries)
    expect(forged).toEqual({ outcome: 'refused', detail: 'answered 401' })
    expect((await webhook({ url })(notice, tries)).outcome).toBe('refused')
    expect(said).toEqual([JSON.stringify({ text: notice.text })])
    receiver.kill()
    await ended
    chat.close()
  })

  it('notify check says what keeps a rule from telling, and notify test tells a sample', async () => {
    await using receiver = await Receiver.open()
    const holdfast = new Holdfast()
    const notify = {
      chat: { on: ['refused-for 5m'], webhook: { url: receiver.url, secret: { variable: 'CHAT_SECRET' } } },
      desk: { on: ['orphan'], command: ['no-such-notifier'] },
    }
    writeFileSync(holdfast.path('holdfast.config.json'), JSON.stringify({ notify }))
    const checked = await holdfast.ask('notify', 'check')
    expect(checked.exitCode).toBe(3)
    const { rules, ok } = NotifyCheckAnswer.parse(checked.answer)
    expect(ok).toBe(false)
    expect(rules.map(({ name, problems }) => [name, problems])).toEqual([
      ['chat', ['the variable CHAT_SECRET is not set']],
      ['desk', ['the command "no-such-notifier" is not found']],
    ])
    const env = { CHAT_SECRET: SECRET }
    const [told, unknown, wrong] = await Promise.all([
      holdfast.call(['notify', 'test', 'chat', '--json'], { env }),
      holdfast.call(['notify', 'test', 'caht'], { env }),
      holdfast.call(['notify', 'check', '--config', '-'], {
        input: JSON.stringify({ notify: { a: { on: ['refused-for ever'], command: ['x'], webhook: { url: 'u' } } } }),
      }),
    ])
    expect(told.exitCode).toBe(0)
    expect(NotifyTestAnswer.parse(JSON.parse(told.stdout))).toMatchObject({ ok: true, rules: [{ outcome: 'told' }] })
    const [arrived] = receiver.arrived
    if (arrived === undefined) throw new Error('one has arrived')
    expect(isSigned(arrived, SECRET)).toBe(true)
    expect(arrived.notice).toMatchObject({ sample: true, on: 'refused-for 5m' })
    expect(unknown.exitCode).toBe(2)
    expect(unknown.stderr).toContain('There are: chat, desk')
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stderr).toContain('notify.a')
  })
})
