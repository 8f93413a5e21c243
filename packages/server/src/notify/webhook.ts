import { createHmac } from 'node:crypto'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Deliver, Delivery, Try } from './delivery.ts'
import type { Webhook } from './rules.ts'
import { keyOf, readSource } from './secret.ts'

/** Bytes that are read of an answer; it is cut there. */
export const ANSWER_BYTES_MAX = 4_096

/** How long a receiver may have it put off. */
const RETRY_AFTER_MAX_MS = 5 * 60_000

/** Answers after which the same request may be taken later; and all of the server's own faults. */
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Posts notices to a webhook, signed as Standard Webhooks has it: the header `webhook-signature` is `v1,` and the Base64 of
 * HMAC-SHA-256 over `id.timestamp.body`. What is sent without a secret has no signature; where one is named and cannot be
 * read, nothing is sent. A redirect is refused: nobody else is meant to get it.
 */
export function webhook({ url, secret }: Webhook): Deliver {
  return async (notice, options) => {
    let target: URL
    let key: Buffer | null
    try {
      target = addressOf(url)
      key = secret === undefined ? null : keyOf(readSource(secret))
    } catch (error) {
      return { outcome: 'refused', detail: error instanceof Error ? error.message : String(error) }
    }
    const body = JSON.stringify(notice)
    const headers = headersFor({ id: notice.id, body, key, atS: Math.floor(Date.now() / 1000) })
    return post(target, { headers, body }, options)
  }
}

/**
 * The address, which may be a secret.
 *
 * @throws Error that does not repeat it.
 */
export function addressOf(url: Webhook['url']): URL {
  const text = typeof url === 'string' ? url : readSource(url)
  const found = URL.canParse(text) ? new URL(text) : null
  if (found === null || !['http:', 'https:'].includes(found.protocol)) {
    throw new Error('the url of the webhook is no address of http or https')
  }
  return found
}

interface Signed {
  readonly id: string
  readonly body: string
  readonly key: Buffer | null
  readonly atS: number
}

function headersFor({ id, body, key, atS }: Signed): Readonly<Record<string, string>> {
  const plain = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'holdfast',
    'webhook-id': id,
    'webhook-timestamp': String(atS),
  }
  if (key === null) return plain
  const signature = createHmac('sha256', key).update(`${id}.${atS}.${body}`).digest('base64')
  return { ...plain, 'webhook-signature': `v1,${signature}` }
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One request on a connection of its own, which is cut when the limit is over. */
function post(target: URL, { headers, body }: Sending, { timers, limitMs, signal }: Try): Promise<Delivery> {
  return new Promise(resolve => {
    const send = target.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(target, { method: 'POST', headers, agent: false })
    const settle = (delivery: Delivery): void => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      request.destroy()
      resolve(delivery)
    }
    // An answer counts from its head on. The rest is read for the sake of who sends it.
    let judged: Delivery | null = null
    const onAbort = (): void => settle(judged ?? { outcome: 'failed', detail: 'the server ends' })
    const late: Delivery = { outcome: 'failed', detail: `no answer within ${limitMs} ms` }
    const cancel = timers.after(limitMs, () => settle(judged ?? late))
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('error', error => settle(judged ?? { outcome: 'failed', detail: codeOf(error) }))
    request.on('response', answer => {
      let bytes = 0
      const found = judge(answer)
      judged = found
      const done = (): void => settle(found)
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > ANSWER_BYTES_MAX) done()
      })
      answer.on('end', done)
      answer.on('error', done)
    })
    if (signal.aborted) onAbort()
    else request.end(body)
  })
}

function judge({ statusCode = 0, headers }: IncomingMessage): Delivery {
  const detail = `answered ${statusCode}`
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'told', detail }
  if (statusCode >= 300 && statusCode < 400)
    return { outcome: 'refused', detail: `${detail}, and redirects are not followed` }
  if (statusCode < 500 && !RETRIED.has(statusCode)) return { outcome: 'refused', detail }
  const afterS = Number(headers['retry-after'])
  if (!(afterS > 0)) return { outcome: 'failed', detail }
  return { outcome: 'failed', detail, retryAfterMs: Math.min(RETRY_AFTER_MAX_MS, afterS * 1000) }
}

/** Without the address, which may be a secret. */
function codeOf(error: Error): string {
  return 'code' in error ? `the connection failed (${String(error.code)})` : 'the connection failed'
}
