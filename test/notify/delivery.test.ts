import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Holder } from '@holdfast/core'
import { systemTimers, type Timers } from '@holdfast/engine'
import { afterAll, describe, expect, it } from 'vitest'
import { command } from '../../packages/server/src/notify/command.ts'
import { deliverOf, WEBHOOK_TRIES } from '../../packages/server/src/notify/deliver.ts'
import { NOTICE_TEXT_MAX, noticeOf, sampleNotice } from '../../packages/server/src/notify/notice.ts'
import { Outbox, RETRY_FIRST_MS, WAITING_MAX } from '../../packages/server/src/notify/outbox.ts'
import { NotifyRule } from '../../packages/server/src/notify/rules.ts'
import { CHAIN_LANES_MAX, Refusals } from '../../packages/server/src/notify/refusals.ts'
import { keyOf } from '../../packages/server/src/notify/secret.ts'
import { webhook } from '../../packages/server/src/notify/webhook.ts'
import { isSigned, Receiver } from './receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-notify-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'a-long-and-hidden-secret'
const secretFile = join(folder, 'secret')
writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 })

const rule = NotifyRule.parse({ on: ['stalled'], command: ['true'] })
const notice = (id = 'one') => sampleNotice('desk', rule, { nowMs: 1_700_000_000_000, id })
const once = (limitMs = 5_000) => ({ timers: systemTimers, limitMs, signal: new AbortController().signal })

/** Pauses are short, and remembered as they were asked for. The time limit is as long as it is. */
class ShortTimers implements Timers {
  readonly pausesMs: number[] = []
  readonly #limitMs: number

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  after(spanMs: number, run: () => void): () => void {
    if (spanMs === this.#limitMs) return systemTimers.after(spanMs, run)
    this.pausesMs.push(spanMs)
    return systemTimers.after(Math.min(spanMs, 10), run)
  }
}

function outbox(
  parts: Partial<ConstructorParameters<typeof Outbox>[0]>,
  waiting?: ConstructorParameters<typeof Outbox>[1],
) {
  const lines: string[] = []
  const line = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }))
  const log = { info: line, warn: line, error: line }
  const given = {
    rule: 'desk',
    tries: 1,
    limitMs: 5_000,
    timers: systemTimers,
    log,
    chance: () => 1,
    changed: () => {},
  }
  const deliver = deliverOf(rule).deliver
  return { box: new Outbox({ ...given, deliver, ...parts }, waiting), lines }
}

describe('a notice of hostile words', () => {
  const cause = {
    kind: 'halt-overdue',
    spanMs: null,
    subject: 'halt r1',
    sinceMs: 0,
    spell: 0,
    lanes: ['x'],
    holder: 'a',
    leaseId: 'x@1',
    token: 1,
    runId: null,
    revision: 1,
    reason: 'stop\0now\nfired\u001b[2J\u202e',
  } as const
  const hostile = noticeOf({ rule: 'desk', trigger: 'halt-overdue' }, cause, {
    store: 's',
    ledger: 'l',
    ledgerId: 'i',
    nowMs: 1,
  })

  it('is one line, and told all the same: no reason keeps a person from being told', async () => {
    expect(hostile.text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(hostile.text).toContain('stop')
    const out = join(folder, 'told')
    const words = ['sh', '-c', `printf %s "$HOLDFAST_NOTICE_TEXT" > '${out}'`]
    for (const text of [hostile.text, cause.reason]) {
      expect(await command(words)({ ...hostile, text }, once())).toMatchObject({ outcome: 'told' })
      expect(readFileSync(out, 'utf8')).toContain('fired')
    }
  })

  it('is of bounded length, and so is what is kept of who is refused', () => {
    const found = { store: 's', ledger: 'l', ledgerId: 'i', nowMs: 1 }
    const long = noticeOf(
      { rule: 'desk', trigger: 'halt-overdue' },
      { ...cause, reason: '\u{1F600}'.repeat(2_000) },
      found,
    )
    expect(long.text.length).toBe(NOTICE_TEXT_MAX)
    expect(long.text.isWellFormed()).toBe(true)
    const refusals = new Refusals([1], [])
    const claims = (holder: number) =>
      Array.from({ length: 64 }, (_, lane) => ({
        lane: `${holder}-${lane}`,
        region: [],
        kind: null,
        mode: 'exclusive' as const,
      }))
    for (let holder = 0; holder < 200; holder += 1) {
      const request = { op: 'acquire', holder: Holder.parse(`h${holder}`), policy: 'all', claims: claims(holder) }
      const data = { request, code: 'lane-held', blockers: [], moreBlockers: 0, reason: '' } as unknown
      refusals.refused(data as Parameters<Refusals['refused']>[0], { revision: holder, atMs: holder })
    }
    const kept = refusals.chains.map(([, { holder, lanes }]) => ({ holder, count: lanes.length }))
    expect(kept.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(CHAIN_LANES_MAX)
    expect(kept.at(-1)?.holder).toBe('h199')
  })

  it('is signed with the key that was meant, or not sent', () => {
    expect(keyOf(`whsec_${Buffer.from('key').toString('base64')}`).toString()).toBe('key')
    for (const secret of ['whsec_', 'whsec_!!!', 'whsec_ab cd'])
      expect(() => keyOf(secret), secret).toThrow(/no Base64/)
  })
})

describe('a webhook', () => {
  it('is signed over id, time and body, with the bytes of a text or of Base64', async () => {
    await using receiver = await Receiver.open()
    const { url } = receiver
    expect(await webhook({ url, secret: { file: secretFile } })(notice(), once())).toMatchObject({ outcome: 'told' })
    process.env['TEST_NOTIFY_SECRET'] = `whsec_${Buffer.from('other bytes').toString('base64')}`
    await webhook({ url, secret: { variable: 'TEST_NOTIFY_SECRET' } })(notice(), once())
    const [first, second] = receiver.arrived
    if (first === undefined || second === undefined) throw new Error('two have arrived')
    expect(isSigned(first, SECRET)).toBe(true)
    expect(isSigned({ ...first, body: first.body.replace('desk', 'dusk') }, SECRET)).toBe(false)
    expect(isSigned({ ...first, headers: { ...first.headers, 'webhook-timestamp': '1' } }, SECRET)).toBe(false)
    expect(isSigned(second, Buffer.from('other bytes'))).toBe(true)
    expect(first.headers['webhook-id']).toBe(first.notice.id)
  })

  it('is not asked where its secret cannot be read, and nobody is told secret or address', async () => {
    await using receiver = await Receiver.open()
    const missing = webhook({ url: receiver.url, secret: { file: join(folder, 'none') } })
    const { box, lines } = outbox({ deliver: missing })
    box.add(notice())
    box.tell()
    await expect.poll(() => lines.length).toBe(1)
    expect(lines[0]).toContain('cannot be read (ENOENT)')
    receiver.answer = response => response.writeHead(500).end()
    const failing = outbox({ deliver: webhook({ url: receiver.url, secret: { file: secretFile } }) })
    failing.box.add(notice())
    failing.box.tell()
    await expect.poll(() => failing.lines.length).toBe(1)
    expect(receiver.arrived.length).toBe(1)
    expect([...lines, ...failing.lines].join()).not.toMatch(/hidden/)
  })

  it('is not followed elsewhere, and its answer is read to a bound', async () => {
    await using receiver = await Receiver.open()
    await using elsewhere = await Receiver.open()
    receiver.answer = response => response.writeHead(307, { location: elsewhere.url }).end()
    expect(await webhook({ url: receiver.url })(notice(), once())).toMatchObject({ outcome: 'refused' })
    expect(elsewhere.arrived).toEqual([])
    receiver.answer = response => {
      response.writeHead(200)
      const more = (): void =>
        void response.write(Buffer.alloc(64 * 1024), error => (error ? undefined : setImmediate(more)))
      more()
    }
    expect(await webhook({ url: receiver.url })(notice(), once())).toMatchObject({ outcome: 'told' })
  })

  it('that answers too late is tried again with the same id, by which the receiver tells', async () => {
    await using receiver = await Receiver.open()
    let late = 0
    receiver.answer = response => {
      if (receiver.arrived.length > 1) return void response.writeHead(200).end()
      setTimeout(() => {
        late += 1
        response.writeHead(200).end()
      }, 250)
    }
    const timers = new ShortTimers(200)
    const { box, lines } = outbox({ deliver: webhook({ url: receiver.url }), tries: 2, limitMs: 200, timers })
    box.add(notice())
    box.tell()
    await expect.poll(() => box.waiting.notices.length).toBe(0)
    await expect.poll(() => late).toBe(1)
    expect(lines.at(-1)).toContain('a notice was told')
    expect(new Set(receiver.arrived.map(one => one.notice.id)).size).toBe(1)
    expect(receiver.arrived.length).toBe(2)
  })

  it('that fails is asked again ever later, a bounded number of times; one that refuses is not', async () => {
    await using receiver = await Receiver.open()
    receiver.answer = response => response.writeHead(503).end()
    const limitMs = 7_777
    const timers = new ShortTimers(limitMs)
    const { box, lines } = outbox({ deliver: webhook({ url: receiver.url }), tries: WEBHOOK_TRIES, timers, limitMs })
    box.add(notice())
    box.tell()
    await expect.poll(() => box.waiting.notices.length).toBe(0)
    expect(receiver.arrived.length).toBe(WEBHOOK_TRIES)
    expect(timers.pausesMs).toEqual([1, 2, 4, 8, 16].map(times => times * RETRY_FIRST_MS))
    expect(lines.at(-1)).toContain('given up')
    receiver.answer = response => response.writeHead(410).end()
    box.add(notice('two'))
    box.tell()
    await expect.poll(() => box.waiting.notices.length).toBe(0)
    expect(receiver.arrived.length).toBe(WEBHOOK_TRIES + 1)
    receiver.answer = response => response.writeHead(429, { 'retry-after': '90' }).end()
    expect(await webhook({ url: receiver.url })(notice(), once())).toMatchObject({ retryAfterMs: 90_000 })
  })
})

describe('a command', () => {
  it('reads the notice, and is told by variables', async () => {
    const out = join(folder, 'out')
    const words = ['sh', '-c', `cat > ${out}; printf '%s|%s' "$HOLDFAST_NOTICE_ON" "\${HOLDFAST_TOKEN-none}" >> ${out}`]
    process.env['HOLDFAST_TOKEN'] = '7'
    const told = await command(words)(notice(), once())
    delete process.env['HOLDFAST_TOKEN']
    expect(told).toEqual({ outcome: 'told', detail: 'ended with 0' })
    expect(readFileSync(out, 'utf8')).toBe(`${JSON.stringify(notice())}\nstalled|none`)
  })

  it('that fails says why; one that is not there is not started', async () => {
    const failed = await command(['sh', '-c', 'echo no desk >&2; exit 3'])(notice(), once())
    expect(failed).toEqual({ outcome: 'refused', detail: 'ended with 3: no desk' })
    expect(await command(['no-such-command'])(notice(), once())).toMatchObject({ outcome: 'refused' })
  })

  it('that never ends is ended with all that it has started, also what does not listen to SIGTERM', async () => {
    const pids = join(folder, 'pids')
    const words = ['sh', '-c', `trap '' TERM; sleep 600 & echo $! > ${pids}; echo $$ >> ${pids}; sleep 600`]
    const { outcome, detail } = await command(words)(notice(), once(300))
    expect(outcome).toBe('failed')
    expect(detail).toContain('longer than 300 ms')
    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    expect(started.length).toBe(2)
    for (const pid of started) await expect.poll(() => isThere(pid)).toBe(false)
  })

  it('that ends and leaves something running: that has the rest of the time', async () => {
    const pids = join(folder, 'left')
    const { outcome } = await command(['sh', '-c', `sleep 600 & echo $! > ${pids}`])(notice(), once(300))
    expect(outcome).toBe('told')
    const pid = Number(readFileSync(pids, 'utf8'))
    await expect.poll(() => isThere(pid)).toBe(false)
  })
})

describe('what waits', () => {
  it('is bounded: the oldest is dropped, which is counted and told', async () => {
    await using receiver = await Receiver.open()
    receiver.answer = () => {}
    const { box, lines } = outbox({ deliver: webhook({ url: receiver.url }), limitMs: 200 })
    box.add(notice('first'))
    box.tell()
    await receiver.has(1)
    for (let count = 0; count < WAITING_MAX + 2; count += 1) box.add(notice(`n${count}`))
    expect(box.waiting.notices.length).toBe(WAITING_MAX)
    expect(box.waiting.dropped).toBe(3)
    expect(box.waiting.notices.map(({ id }) => id)).toEqual(
      ['first', ...Array.from({ length: WAITING_MAX - 1 }, (_, count) => `n${count + 3}`)].map(id => notice(id).id),
    )
    expect(lines.filter(text => text.includes('oldest was dropped')).length).toBe(3)
    receiver.answer = response => response.writeHead(200).end()
    await receiver.has(2)
    expect(receiver.arrived[1]?.notice.dropped).toBe(3)
    await expect.poll(() => box.waiting, { timeout: 10_000 }).toEqual({ notices: [], dropped: 0 })
  })

  it('is left for the next server when one ends that hangs, and what runs gets a short time', async () => {
    await using receiver = await Receiver.open()
    receiver.answer = () => {}
    const { box } = outbox({ deliver: webhook({ url: receiver.url }) })
    box.add(notice('a'))
    box.add(notice('b'))
    box.tell()
    await receiver.has(1)
    const from = performance.now()
    await box.end(100)
    expect(performance.now() - from).toBeLessThan(1_000)
    expect(box.waiting.notices.length).toBe(2)
    box.tell()
    expect(box.isTelling).toBe(false)
  })
})

function isThere(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
