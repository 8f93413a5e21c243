import { spawnSync } from 'node:child_process'
import { COMMAND_METRICS, type Metric } from '@holdfast/engine/internal'
import { openLedger } from '@holdfast/engine'
import { EVENT_METRICS, SERVER_METRICS, STATE_METRICS } from '@holdfast/server/internal'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { describe, expect, it, test } from 'vitest'
import { HttpScene } from '../http/http-scene.ts'
import { readExposition, type Family } from './exposition.ts'
import { promtool } from './promtool.ts'

const CATALOGUE: readonly Metric[] = [COMMAND_METRICS, EVENT_METRICS, STATE_METRICS, SERVER_METRICS].flatMap(part =>
  Object.values<Metric>(part),
)

async function served(): Promise<HttpScene> {
  return HttpScene.make({}, { measured: ['default'], version: '1.2.3' })
}

const scrape = async (at: HttpScene, token = at.owner, accept = 'text/plain;version=0.0.4') =>
  at.ask('/metrics', { headers: { Authorization: `Bearer ${token}`, Accept: accept } })

/** The value of a series, by labels that tell it apart. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = [...readExposition(text)].find(([known]) => name === known || name.startsWith(`${known}_`))?.[1]
  return family?.samples.find(sample => {
    return sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  })?.value
}

describe('the metrics of a server', () => {
  it('are those of the catalogue, with its labels, and fit Prometheus', async () => {
    await using at = await served()
    await at.post('acquire', { lane: 'api', holder: 'ann' })
    await at.post('acquire', { lane: 'api', holder: 'ben' })
    await at.ask('/v1/ledgers/default/acquire?wait=1ms', {
      method: 'POST',
      headers: { Authorization: `Bearer ${at.owner}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ lane: 'api', holder: 'cid' }),
    })
    const { status, headers, text } = await scrape(at)
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    const families = readExposition(text)
    const shown = [...families].map(([name, family]) => ({ name, type: family.type, labels: labelsOf(family) }))
    const known = CATALOGUE.map(({ name, kind, labels }) => ({ name, type: kind, labels: [...labels].sort() }))
    // Nothing of the store has failed.
    expect(shown).toEqual(expect.arrayContaining(known.filter(({ name }) => name !== 'holdfast_store_errors_total')))
    expect(shown.filter(({ name }) => !known.some(one => one.name === name))).toEqual([])
    expect(valueOf(text, 'holdfast_build_info', { version: '1.2.3' })).toBe(1)
    expect(valueOf(text, 'holdfast_commands_total', { outcome: 'refused', code: 'lane-held' })).toBe(2)
    expect(valueOf(text, 'holdfast_wait_duration_seconds_count', { outcome: 'refused' })).toBe(1)
  })

  it.skipIf(promtool === null)('pass promtool check metrics (skipped where promtool is not installed)', async () => {
    await using at = await served()
    await at.post('acquire', { lane: 'api', holder: 'ann' })
    const { text } = await scrape(at)
    const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('count what happens in the time of the server, whoever does it, and never history again', async () => {
    await using at = await served()
    const other = await at.scene.open({ server: false })
    await other.acquire({ lane: 'api', holder: 'ann' })
    await other.acquire({ lane: 'api', holder: 'ben' })
    const acquires = { type: 'ACQUIRE' }
    const first = (await scrape(at)).text
    expect(valueOf(first, 'holdfast_events_total', acquires)).toBe(1)
    expect(valueOf(first, 'holdfast_fold_lag_events')).toBe(2)
    expect(valueOf(first, 'holdfast_refusals_total', { code: 'lane-held' })).toBe(1)
    const second = (await scrape(at)).text
    expect(valueOf(second, 'holdfast_events_total', acquires)).toBe(1)
    expect(valueOf(second, 'holdfast_fold_lag_events')).toBe(0)
    await at.scene.stop()
    const again = await at.scene.serve({ http: { listen: '127.0.0.1:0' }, measured: ['default'] })
    const headers = { Authorization: `Bearer ${at.owner}` }
    const third = await (await fetch(`${again.http?.url}/metrics`, { headers })).text()
    expect(valueOf(third, 'holdfast_events_total', acquires)).toBe(0)
    expect(valueOf(third, 'holdfast_commit_events_count') ?? 0).toBe(0)
    // What is, is told as it is.
    expect(valueOf(third, 'holdfast_leases', { verdict: 'ADVANCING' })).toBe(1)
    expect(valueOf(third, 'holdfast_head_revision')).toBe(2)
    expect(valueOf(third, 'holdfast_log_events')).toBe(3)
  })

  it('tell endings, adoptions, places in line and stop intents', async () => {
    await using at = await served()
    const ledger = await at.scene.open({ server: false })
    await ledger.configure({ ...ledger.config, graceMs: 0, orphanGraceMs: 0 })
    const lease = async (lane: string, ttl: string): Promise<number> => {
      const { json } = await at.post('acquire', { lane, holder: 'ann', ttl })
      return tokenIn(json)
    }
    const short = await lease('short', '1ms')
    const forced = await lease('forced', '1h')
    const taken = await lease('taken', '1h')
    expect((await at.post('scavenge', { lane: 'short', token: short })).status).toBe(200)
    expect((await at.post('scavenge', { lane: 'forced', token: forced, force: true })).status).toBe(200)
    expect((await at.post('adopt', { lane: 'taken', holder: 'ben', expectToken: taken, force: true })).status).toBe(200)
    await at.post('halt', { handle: 'stop', lane: 'taken' })
    const waiting = new AbortController()
    const inLine = ledger.acquire({ lane: 'taken', holder: 'cid' }, { wait: '1m', signal: waiting.signal })
    await expect.poll(async () => valueOf((await scrape(at)).text, 'holdfast_waiting_requests')).toBe(1)
    const { text } = await scrape(at)
    expect(valueOf(text, 'holdfast_longest_wait_seconds')).toBeGreaterThan(0)
    expect(valueOf(text, 'holdfast_expiries_total')).toBe(1)
    expect(valueOf(text, 'holdfast_evictions_total', { cause: 'expired', forced: 'false' })).toBe(1)
    expect(valueOf(text, 'holdfast_evictions_total', { cause: 'manual', forced: 'true' })).toBe(1)
    expect(valueOf(text, 'holdfast_adoptions_total', { kind: 'takeover', forced: 'true' })).toBe(1)
    expect(valueOf(text, 'holdfast_draining_entries')).toBe(2)
    expect(valueOf(text, 'holdfast_pending_halts')).toBe(1)
    waiting.abort()
    await inLine
    expect(valueOf((await scrape(at)).text, 'holdfast_longest_wait_seconds')).toBe(0)
  })

  it('tell beats that come after the time of their lease', async () => {
    await using at = await served()
    const { json } = await at.post('acquire', { lane: 'api', holder: 'ann', ttl: '1ms' })
    const token = tokenIn(json)
    const beat = (ttl: string) => at.post('heartbeat', { lane: 'api', holder: 'ann', token, progress: ttl })
    await expect
      .poll(async () => valueOf((await scrape(at)).text, 'holdfast_overdue_leases', { state: 'in-grace' }))
      .toBe(1)
    expect(valueOf((await scrape(at)).text, 'holdfast_late_beats_total')).toBe(0)
    expect((await beat('late')).status).toBe(200)
    expect(valueOf((await scrape(at)).text, 'holdfast_late_beats_total')).toBe(1)
    const { json: long } = await at.post('acquire', { lane: 'web', holder: 'ann', ttl: '1h' })
    await at.post('heartbeat', { lane: 'web', holder: 'ann', token: tokenIn(long) })
    expect(valueOf((await scrape(at)).text, 'holdfast_late_beats_total')).toBe(1)
  })

  it('have a bounded number of series, whatever lanes, holders and reasons are called', async () => {
    await using at = await served()
    const { scene } = at
    const ledger = await scene.open()
    const hostile = ['"} 1\nevil_total 2', '\\', '{}', 'x'.repeat(200), '🙂', "';--", '</script>', 'a=b,c="d"']
    const turn = async (round: number): Promise<void> => {
      for (const [index, name] of hostile.entries()) {
        const lane = `${round}-${index}-${name.replaceAll('\n', ' ').trim()}`
        const asked = await ledger.acquire({ lane, holder: lane, runId: lane, reason: name })
        await ledger.acquire({ lane, holder: `${lane}!`, reason: name })
        if (asked.outcome === 'granted')
          await ledger.release({ lane, holder: lane, token: asked.lease.token, reason: name })
        await ledger.halt({ handle: name, lane })
      }
    }
    await turn(0)
    const before = seriesIn((await scrape(at)).text)
    await turn(1)
    await turn(2)
    const { text } = await scrape(at)
    expect(seriesIn(text)).toEqual(before)
    expect(text).not.toMatch(/evil|xxx|🙂|script/)
    expect(valueOf(text, 'holdfast_commands_total', { command: 'acquire', outcome: 'granted' })).toBe(
      3 * hostile.length,
    )
  })
})

describe('/metrics', () => {
  it('needs the right to read, of every ledger', async () => {
    await using at = await served()
    const reader = at.token({ name: 'prometheus', can: ['read'] })
    const writer = at.token({ name: 'ci', can: ['acquire'] })
    const bound = at.token({ name: 'one', can: ['read'], ledgers: ['default'] })
    expect((await at.ask('/metrics')).status).toBe(401)
    expect((await scrape(at, writer)).status).toBe(403)
    expect((await scrape(at, bound)).json).toMatchObject({
      status: 403,
      detail: 'The token one is for the ledger default; the metrics tell of every ledger.',
    })
    expect((await scrape(at, reader)).status).toBe(200)
  })

  it('is answered as text to who takes it, and to nobody else', async () => {
    await using at = await served()
    const prometheus =
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2'
    for (const accept of [prometheus, '*/*', 'text/*']) {
      const { status, text } = await scrape(at, at.owner, accept)
      expect([accept, status, readExposition(text).size > 0]).toEqual([accept, 200, true])
    }
    for (const accept of ['application/json', 'text/plain;version=1.0.0', 'text/plain;q=0']) {
      expect([accept, (await scrape(at, at.owner, accept)).status]).toEqual([accept, 406])
    }
  })
})

class Reader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

test('a library with providers of its own measures its commands, its commits, and what fails of the store', async () => {
  const reader = new Reader()
  const meterProvider = new MeterProvider({ readers: [reader] })
  const ledger = await openLedger('memory:', { compaction: { automatic: false }, telemetry: { meterProvider } })
  await ledger.acquire({ lane: 'api', holder: 'ann' })
  const broken = ledger.store.latestCheckpoint('nowhere', Number.NaN as never)
  await broken.catch(() => undefined)
  await ledger.store.compact(ledger.stream, 1 as never).catch(() => undefined)
  const { resourceMetrics } = await reader.collect()
  const points = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(point => [descriptor.name, point.attributes] as const),
    ),
  )
  expect(points).toContainEqual([
    'holdfast_commands_total',
    { ledger: 'default', command: 'acquire', outcome: 'granted', code: 'none' },
  ])
  expect(points).toContainEqual(['holdfast_commit_events', { ledger: 'default' }])
  expect(points).toContainEqual([
    'holdfast_store_errors_total',
    { ledger: 'default', operation: 'compact', code: 'invalid' },
  ])
  await ledger.close()
})

const labelsOf = ({ samples }: Family): readonly string[] =>
  [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter(label => label !== 'le').sort()

const seriesIn = (text: string): readonly string[] =>
  [...readExposition(text).values()]
    .flatMap(({ samples }) => samples.map(({ name, labels }) => name + JSON.stringify(labels)))
    .sort()

const tokenIn = ({ lease }: Readonly<Record<string, unknown>>): number => Number(Reflect.get(Object(lease), 'token'))
