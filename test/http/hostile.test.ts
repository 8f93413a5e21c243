import { createConnection } from 'node:net'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

let at: HttpScene
let page: string
beforeAll(async () => {
  at = await HttpScene.make({ headWithinMs: 300, hostNames: ['holdfast.example'] })
  page = join(at.scene.folder, 'page')
})
afterAll(() => at[Symbol.asyncDispose]())

describe('a web page of somebody else', () => {
  it('gets nothing under a name that was made to lead here', async () => {
    const port = new URL(at.url).port
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      'evilholdfast.example',
      'holdfast.example.evil.example',
      `localhost:1`,
      '127.0.0.1',
    ]) {
      const answer = await at.get('leases', { headers: { Host: host } })
      expect(answer.status, host).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toContain('ledgerId')
    }
    expect((await at.get('leases', { headers: { Host: `localhost:${port}` } })).status).toBe(200)
    expect((await at.get('leases', { headers: { Host: 'holdfast.example' } })).status).toBe(200)
  })

  it('gets nothing from another origin, even with a token', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1', `https://${new URL(at.url).host}`]) {
      expect((await at.get('leases', { headers: { Origin: origin } })).status, origin).toBe(403)
    }
    expect((await at.get('leases', { headers: { 'Sec-Fetch-Site': 'same-site' } })).status).toBe(403)
    expect((await at.get('leases', { headers: { Origin: at.url } })).status).toBe(200)
    const preflight = await at.ask('/v1/ledgers/default/acquire', {
      method: 'OPTIONS',
      headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    expect(Object.keys(preflight.headers).filter(name => name.startsWith('access-control'))).toEqual([])
  })

  it('changes nothing by the cookie of ours', async () => {
    const opened = await at.ask(at.pageAddress().slice(at.url.length))
    expect(opened.status).toBe(303)
    const [written = ''] = opened.headers['set-cookie'] ?? []
    expect(written).toMatch(/HttpOnly/)
    expect(written).toMatch(/SameSite=Strict/)
    const Cookie = written.split(';')[0] ?? ''
    const post = (headers: Record<string, string>, type = 'application/json') =>
      at.ask('/v1/ledgers/default/acquire', {
        method: 'POST',
        headers: { 'Content-Type': type, Cookie, ...headers },
        body: JSON.stringify({ lane: 'page', holder: 'operator' }),
      })
    expect((await at.ask('/v1/ledgers', { headers: { Cookie } })).status).toBe(200)
    expect((await post({})).status).toBe(403)
    expect((await post({ 'Holdfast-Page': '1' })).status).toBe(403)
    expect((await post({ Origin: at.url })).status).toBe(403)
    expect((await post({ Origin: 'https://evil.example', 'Holdfast-Page': '1' })).status).toBe(403)
    expect((await post({ Origin: at.url, 'Holdfast-Page': '1' }, 'text/plain')).status).toBe(415)
    expect((await post({ Origin: at.url, 'Holdfast-Page': '1' })).status).toBe(201)
    expect((await at.scene.log()).at(-1)).toMatchObject({ actor: { token: 'page' } })
  })

  it('may do what it was opened for, and no more', async () => {
    const opened = await at.ask(at.door.newPageAddress(['read', 'halt']).slice(at.url.length))
    const Cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const headers = { 'Content-Type': 'application/json', Cookie, Origin: at.url, 'Holdfast-Page': '1' }
    const post = async (operation: string, body: object) =>
      (await at.ask(`/v1/ledgers/default/${operation}`, { method: 'POST', headers, body: JSON.stringify(body) })).status
    expect((await at.ask('/v1/rights', { headers: { Cookie } })).json).toEqual({
      name: 'page',
      can: ['read', 'halt'],
      ledgers: null,
      lanes: null,
      holders: null,
    })
    expect(await post('scavenge', { lane: 'page', token: 1, force: true })).toBe(403)
    expect(await post('acquire', { lane: 'small', holder: 'operator' })).toBe(403)
    expect(await post('halt', { handle: 'h', lane: 'page' })).toBe(200)
    expect((await at.ask('/v1/rights')).status).toBe(401)
  })

  it('is opened once by its code', async () => {
    const address = at.pageAddress().slice(at.url.length)
    expect((await at.ask(address)).status).toBe(303)
    expect((await at.ask(address)).status).toBe(403)
    expect((await at.ask('/open?code=guess')).status).toBe(403)
  })
})

describe('a bad request', () => {
  it('is answered with what is wrong, and nothing happens', async () => {
    const sent = (body: string, headers = {}) =>
      at.ask('/v1/ledgers/default/acquire', {
        method: 'POST',
        headers: { Authorization: `Bearer ${at.owner}`, 'Content-Type': 'application/json', ...headers },
        body,
      })
    expect(await sent('{')).toMatchObject({ status: 400, json: { code: 'malformed' } })
    expect((await sent('[]')).status).toBe(422)
    expect((await sent('{"__proto__":{"lane":"x"},"holder":"a"}')).status).toBe(422)
    expect((await sent('{}', { 'Content-Type': 'text/plain' })).status).toBe(415)
    expect(await sent(JSON.stringify({ lane: 'x'.repeat(300_000), holder: 'a' }))).toMatchObject({ status: 413 })
    expect(
      (await at.ask('/v1/ledgers/%00/leases', { headers: { Authorization: `Bearer ${at.owner}` } })).status,
    ).toBeGreaterThanOrEqual(400)
    expect((await at.ask('/nothing')).status).toBe(404)
  })

  it('costs its sender only: slow and endless heads are cut, others go on', async () => {
    const { port } = new URL(at.url)
    const slow = createConnection(Number(port), '127.0.0.1')
    const closed = new Promise<string>(resolve => {
      let text = ''
      slow.on('data', (piece: Buffer) => (text += piece.toString()))
      slow.on('close', () => resolve(text))
    })
    slow.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ')
    expect((await at.ask('/healthz')).status).toBe(200)
    expect(await closed).toContain('408')
    const long = await at.ask('/healthz', { headers: { X: 'y'.repeat(20_000) } })
    expect(long.status).toBe(431)
  })

  it('costs its sender only: whoever does not take an answer does not keep it here', async () => {
    await using slow = await HttpScene.make({ takeWithinMs: 200 })
    const [events, asks] = [40, 40]
    for (let event = 0; event < events; event += 1) {
      expect((await slow.post('spawn', { lane: 'a', holder: 'h', reason: '\u0800'.repeat(4_096) })).status).toBe(200)
    }
    const { length } = Buffer.from((await slow.get('history/a')).text)
    const { port } = new URL(slow.url)
    const socket = createConnection(Number(port), '127.0.0.1')
    const asked = `GET /v1/ledgers/default/history/a HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
    socket.write(`${asked}Authorization: Bearer ${slow.owner}\r\n\r\n`.repeat(asks))
    await once(socket, 'readable')
    // What the system keeps of it does not matter: the rest is gone once the time is over.
    await expect.poll(() => slow.door.connections(), { timeout: 10_000 }).toBe(0)
    let bytes = 0
    socket.on('data', (piece: Buffer) => (bytes += piece.length))
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(bytes).toBeLessThan(asks * length)
  })

  it('learns nothing of the store without a token, also when it fails', async () => {
    await using broken = await HttpScene.make()
    expect((await broken.get('leases')).status).toBe(200)
    expect((await broken.ask('/readyz')).status).toBe(200)
    truncateSync(broken.scene.path, 100)
    const answer = await broken.ask('/readyz')
    expect(answer.status).toBe(503)
    expect(answer.text).not.toContain(broken.scene.folder)
    expect(answer.text).not.toMatch(/ at .*:\d+|sqlite/i)
  })

  it('reaches no file beside those of the page', async () => {
    mkdirSync(page)
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>')
    writeFileSync(join(at.scene.folder, 'secret.txt'), 'secret')
    symlinkSync(join(at.scene.folder, 'secret.txt'), join(page, 'link.txt'))
    await using paged = await HttpScene.make({ page })
    const index = await paged.ask('/')
    expect(index.text).toContain('<title>page')
    const policy = String(index.headers['content-security-policy']).split('; ')
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"])
      expect(policy).toContain(rule)
    for (const rule of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule)
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/link.txt', '/..%2fsecret.txt', '//secret.txt']) {
      expect((await paged.ask(path)).text, path).not.toContain('secret\n')
      expect((await paged.ask(path)).text, path).not.toBe('secret')
    }
    expect((await at.ask('/')).text).toContain('is not built')
  })

  it('does not listen where others reach it', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', 'example.org:80', '192.168.1.1:80']) {
      await expect(HttpScene.make({ listen })).rejects.toThrow(/insecure-listen/)
    }
    await expect(HttpScene.make({ listen: 'nonsense' })).rejects.toThrow(/is no place/)
    await using open = await HttpScene.make({ listen: '0.0.0.0:0', insecure: true })
    expect((await open.ask('/v1/ledgers')).status).toBe(401)
  })
})
