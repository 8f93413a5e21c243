import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { InputError, openLedger, type LiveLedger } from '@holdfast/engine'
import { compactLedger, exportLedger, importHoldfast } from '@holdfast/engine/maintenance'
import type { LogEntry } from '@holdfast/core'
import { openStore, readHistory } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { writeFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import * as z from 'zod'
import { HttpScene } from '../http/http-scene.ts'
import { Scene } from '../server/scene.ts'
import { COMMAND } from '../setup/command.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const A = `00-${TRACE}-b7ad6b7169203331-01`
const B = `00-${TRACE}-00f067aa0ba902b7-01`
const BAD = `00-${TRACE}-0000000000000000-01`

const OFF = { compaction: { automatic: false } } as const

const tracesIn = (entries: readonly LogEntry[]): unknown[] =>
  entries.map(entry => (entry.type === 'UNRECOGNISED' ? 'unrecognised' : entry.actor?.['traceparent']))

async function historyOf({ store, stream }: LiveLedger): Promise<LogEntry[]> {
  const all: LogEntry[] = []
  for await (const entries of readHistory(store, stream)) all.push(...entries)
  return all
}

describe('a trace', () => {
  it('given with a command is recorded with its events, and with no others', async () => {
    await using ledger = await openLedger('memory:', OFF)
    const asked = await ledger.acquire({ lane: 'api', holder: 'ann' }, { traceparent: A })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    await ledger.acquire({ lane: 'api', holder: 'ben' }, { traceparent: B })
    await ledger.heartbeat({ lane: 'api', holder: 'ann', token: asked.lease.token })
    await ledger.release({ lane: 'api', holder: 'ann', token: asked.lease.token }, { traceparent: B })
    expect(tracesIn(await historyOf(ledger))).toEqual([undefined, A, B, undefined, B])
  })

  it('of a ledger object goes with all it does, unless a command names another, and never into a lease', async () => {
    await using ledger = await openLedger('memory:', { ...OFF, traceparent: A })
    const held = await ledger.hold({ lane: 'api', holder: 'ann', ttl: '90s' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    await held.lease.beat()
    await ledger.halt({ handle: 'stop', lane: 'api' }, { traceparent: B })
    await held.lease.release()
    const history = await historyOf(ledger)
    expect(tracesIn(history)).toEqual([A, A, A, B, A])
    const bound = history.flatMap(entry => (entry.type === 'ACQUIRE' ? [entry.data.process] : []))
    expect(bound).toEqual([expect.not.objectContaining({ traceparent: A })])
    expect(ledger.actor).not.toHaveProperty('traceparent')
  })

  it('of a request that waits is recorded with its refusal and its grant', async () => {
    await using ledger = await openLedger('memory:', OFF)
    const first = await ledger.acquire({ lane: 'api', holder: 'ann' })
    if (first.outcome !== 'granted') throw new Error(first.outcome)
    const refused = Promise.withResolvers<void>()
    const waiting = ledger.acquire(
      { lane: 'api', holder: 'ben' },
      { wait: '20s', traceparent: A, onRefused: () => refused.resolve() },
    )
    await refused.promise
    await ledger.release({ lane: 'api', holder: 'ann', token: first.lease.token })
    expect((await waiting).outcome).toBe('granted')
    const kinds = (await historyOf(ledger)).map(entry => [entry.type, tracesIn([entry])[0] === A])
    expect(kinds.filter(([, traced]) => traced).map(([type]) => type)).toEqual(['REFUSE', 'ACQUIRE'])
  })

  it.each([BAD, 'x', 7, null])('that is none is wrong input: %s', async traceparent => {
    const given = { traceparent } as { traceparent: string }
    await using ledger = await openLedger('memory:', OFF)
    await expect(openLedger('memory:', { ...OFF, ...given })).rejects.toThrow(InputError)
    await expect(ledger.acquire({ lane: 'api', holder: 'ann' }, given)).rejects.toThrow(InputError)
    await expect(ledger.hold({ lane: 'api', holder: 'ann', ...given })).rejects.toThrow(InputError)
    await expect(ledger.halt({ handle: 'x' }, given)).rejects.toThrow(InputError)
    expect(ledger.head).toBe(0)
  })

  it('needs a process to be recorded with', async () => {
    await expect(openLedger('memory:', { ...OFF, actor: null, traceparent: A })).rejects.toThrow(InputError)
    await using ledger = await openLedger('memory:', { ...OFF, actor: null })
    await expect(ledger.halt({ handle: 'x' }, { traceparent: A })).rejects.toThrow('without one')
  })

  it('comes through a server, by command and by connection; what is none is dropped, and the command is done', async () => {
    await using scene = await Scene.make()
    // It looks for a server that may come.
    const early = await scene.open()
    expect((await early.acquire({ lane: 'zero', holder: 'ann' }, { traceparent: B })).outcome).toBe('granted')
    await scene.serve()
    const plain = await scene.open()
    const traced = await scene.open({ traceparent: B })
    const lied = await scene.open({ actor: { ...(plain.actor ?? never()), traceparent: BAD } })
    for (const [ledger, lane, options] of [
      [plain, 'one', { traceparent: A }],
      [plain, 'two', {}],
      [traced, 'three', {}],
      [traced, 'four', { traceparent: A }],
      [lied, 'five', {}],
    ] as const) {
      expect((await ledger.acquire({ lane, holder: 'ann' }, options)).outcome).toBe('granted')
      expect(ledger.hasWritten).toBe(false)
    }
    expect(tracesIn(await scene.log())).toEqual([B, A, undefined, B, A, undefined])
  })

  it('comes as a header by HTTP; one that is none is passed over', async () => {
    await using at = await HttpScene.make()
    const ask = (lane: string, headers: Record<string, string>) =>
      at.post('acquire', { lane, holder: 'ann' }, { headers })
    expect((await ask('one', { traceparent: A })).status).toBe(201)
    expect((await ask('two', { traceparent: BAD })).status).toBe(201)
    expect((await ask('three', { traceparent: `${A}, ${B}` })).status).toBe(201)
    expect(tracesIn(await at.scene.log())).toEqual([A, undefined, undefined])
    const { json } = await at.get('why/r1')
    expect(json['text']).toContainEqual(
      expect.stringContaining(`trace        ${TRACE}, asked for in span b7ad6b7169203331`),
    )
    expect(json).toMatchObject({ event: { actor: { token: 'owner', traceparent: A } } })
    expect(String((await at.get('why/r2')).json['text'])).not.toContain('trace')
  })

  it('comes by TRACEPARENT on the command line, and log shows it', async () => {
    await using scene = await Scene.make()
    const typed = async (traceparent: string, ...words: readonly string[]): Promise<string> => {
      const env = { ...process.env, TRACEPARENT: traceparent, HOLDFAST_STORE: scene.url }
      const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...words], { env, cwd: scene.folder })
      return stdout
    }
    await typed(A, 'acquire', 'api', '--holder', 'ann')
    await typed(BAD, 'acquire', 'web', '--holder', 'ann')
    expect(tracesIn(await scene.log())).toEqual([A, undefined])
    const lines = (await typed('', 'log', '--json')).trim().split('\n')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ type: 'ACQUIRE', actor: { traceparent: A } })
  })
})

/** The envelope as programs before traces read it. */
const OldActor = z
  .looseObject({
    host: z.string().min(1).max(256),
    bootId: z.string().max(128).nullable(),
    pidNamespace: z.string().max(128).nullable(),
    pid: z.int().positive(),
    processStart: z.string().max(64).nullable(),
  })
  .nullable()
const OldExportedEvent = z.strictObject({
  revision: z.int().nonnegative(),
  recordedAt: z.int(),
  eventId: z.string().min(1),
  type: z.string().min(1),
  schemaVersion: z.literal(1),
  actor: z.unknown(),
  runId: z.unknown().optional(),
  causation: z.unknown().optional(),
  origin: z.unknown().optional(),
  data: z.unknown(),
})

test('a trace stands where programs that do not know it keep it: in log, archive and export', async () => {
  await using scene = await Scene.make()
  const ledger = await scene.open({ server: false, traceparent: A })
  await ledger.acquire({ lane: 'api', holder: 'ann' })
  await ledger.halt({ handle: 'x' })
  await compactLedger(ledger)
  expect(tracesIn(await historyOf(ledger))).toEqual([undefined, A, A, A])
  let text = ''
  for await (const piece of exportLedger(ledger.store, ledger.stream)) text += piece.text
  const events = text
    .trim()
    .split('\n')
    .slice(1, -1)
    .map(line => OldExportedEvent.parse(JSON.parse(line)))
  expect(events.map(({ actor }) => OldActor.parse(actor)?.['traceparent'])).toEqual([undefined, A, A, A])
  const file = join(scene.folder, 'export.jsonl')
  writeFileSync(file, text)
  await using store = openMemoryStore()
  await importHoldfast(store, 'default', file)
  const imported: LogEntry[] = []
  for await (const entries of readHistory(store, 'default')) imported.push(...entries)
  expect(tracesIn(imported).filter(trace => trace === A)).toHaveLength(3)
  await using reopened = await openStore(scene.url)
  expect((await reopened.check('default')).filter(({ ok }) => !ok)).toEqual([])
})

describe('a span', () => {
  it('is made for each command, below the trace that was given, and says how it ended', async () => {
    const exporter = new InMemorySpanExporter()
    const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    await using ledger = await openLedger('memory:', { ...OFF, ledger: 'team', telemetry: { tracerProvider } })
    await ledger.acquire({ lane: 'secret', holder: 'ann' }, { traceparent: A })
    await ledger.acquire({ lane: 'secret', holder: 'ben' })
    await ledger.halt({ handle: 'x' })
    const spans = exporter.getFinishedSpans().map(({ name, attributes, parentSpanContext }) => {
      return { name, attributes, parent: parentSpanContext?.spanId }
    })
    const of = (command: string, outcome: string, code = 'none') => ({
      'holdfast.ledger': 'team',
      'holdfast.command': command,
      'holdfast.outcome': outcome,
      'holdfast.code': code,
    })
    expect(spans).toEqual([
      { name: 'holdfast acquire', attributes: of('acquire', 'granted'), parent: 'b7ad6b7169203331' },
      { name: 'holdfast acquire', attributes: of('acquire', 'refused', 'lane-held'), parent: undefined },
      { name: 'holdfast halt', attributes: of('halt', 'recorded'), parent: undefined },
    ])
    expect(exporter.getFinishedSpans()[0]?.spanContext().traceId).toBe(TRACE)
  })

  it('of a command that the store fails says so, and the error goes on', async () => {
    const exporter = new InMemorySpanExporter()
    const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    const ledger = await openLedger('memory:', { ...OFF, telemetry: { tracerProvider } })
    await ledger.close()
    await expect(ledger.halt({ handle: 'x' })).rejects.toMatchObject({ code: 'unavailable' })
    const [span] = exporter.getFinishedSpans()
    expect(span?.attributes).toMatchObject({ 'holdfast.outcome': 'failed', 'holdfast.code': 'unavailable' })
    expect(span?.status.message).toBe('unavailable')
  })
})

test('nothing of OpenTelemetry is loaded where nobody measures', async () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ resolve(id, context, next) { if (id.startsWith('@opentelemetry')) loaded.push(id); return next(id, context) } })
    const { openLedger } = await import('@holdfast/engine')
    await (await openLedger('memory:')).close()
    const without = loaded.length
    globalThis[Symbol.for('opentelemetry.js.api.1')] = { version: '1.10.0' }
    await (await openLedger('memory:')).close()
    console.log(JSON.stringify({ without, registered: loaded.length > 0 }))`
  const words = ['--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toEqual({ without: 0, registered: true })
})

function never(): never {
  throw new Error('this process is known')
}
