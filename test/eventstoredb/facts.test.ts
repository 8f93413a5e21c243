import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { batchFacts, namesAndSizes, plainFacts, readingFacts, type Observed } from './facts/behaviour.ts'
import { clusterFacts } from './facts/cluster.ts'
import { faultFacts } from './facts/faults.ts'

type Fact = { readonly what: string } & Readonly<Record<string, unknown>>

/** Speeds and durations of the machine that they were measured on: nothing that a fixture could repeat. */
const NOT_REPLAYED: readonly RegExp[] = [
  /in flight, each its own stream$/,
  /^plain: one stream, appends of/,
  /^read back$/,
  /^(batch: acked|plain: acked|after the failover|leader killed under load)/,
  /same client after the restart$/,
  // Ends by the client's keepalive, after eighteen seconds.
  /^batch: append with deadline 1500$/,
  // Shown by `mutants/batch-victim.ts`, which ends its process.
  /^(unhandledRejection|batch: another client, other server, when one server is killed)$/,
  // Asserted by the tests of the store: acknowledged events are all there.
  /what the stream holds after it continued$/,
]

/** Of these the figures differ from machine to machine, and the rest must not. */
const VOLATILE = new Set([
  'position',
  'afterMs',
  'created',
  'sample',
  'appendMs50',
  'deliveredMs50',
  'deliveredMs99',
  'acked',
])

describe.each([
  { file: 'behaviour.jsonl', observe: [batchFacts, plainFacts, readingFacts, namesAndSizes] },
  { file: 'cluster.jsonl', observe: [clusterFacts] },
  { file: 'faults.jsonl', observe: [faultFacts] },
])('the facts of $file', ({ file, observe }) => {
  it('are the fixture’s answers', async () => {
    const observed: Observed = new Map()
    for (const each of observe) await each(observed)
    const facts = factsOf(file).filter(({ what }) => !NOT_REPLAYED.some(pattern => pattern.test(what)))
    expect(facts.length).toBeGreaterThan(10)
    for (const { what, ...recorded } of facts) {
      const key = keyOf(what, recorded)
      expect(observed.has(key), `nothing replays: ${key}`).toBe(true)
      expect({ what: key, ...steady(observed.get(key)) }).toEqual({ what: key, ...steady(recorded) })
    }
  })
})

function factsOf(file: string): readonly Fact[] {
  const lines = readFileSync(join(import.meta.dirname, '..', 'vectors', 'esdb', file), 'utf8')
    .trim()
    .split('\n')
  return lines.map(line => JSON.parse(line) as Fact)
}

/** Facts of the cluster are told apart by their path. */
function keyOf(what: string, { path }: Readonly<Record<string, unknown>>): string {
  return typeof path === 'string' ? `${path}: ${what}` : what
}

function steady(fact: unknown): Record<string, unknown> {
  const kept = Object.entries(Object(fact) as object).filter(([name]) => !VOLATILE.has(name) && name !== 'path')
  return Object.fromEntries(kept.map(([name, value]) => [name, comparable(name, value)]))
}

function comparable(name: string, value: unknown): unknown {
  // How many reads were stale, or events there to be read, is chance; that there were any is not.
  if ((name === 'stale' || name === 'events') && typeof value === 'number') return value > 0
  // What the client calls the metastream's revision is a commit position: a large number where 0 is meant.
  if (name === 'metastreamRevision') return Number(String(value).replace('n', '')) > 100
  return portless(value)
}

/** Ports and how a connection was cut differ; what kind of error it is does not. */
function portless(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/14 UNAVAILABLE: (Connection dropped|read ECONNRESET)/g, '14 UNAVAILABLE: cut')
    .replaceAll(/Deadline exceeded after .*?(remote_addr=HOST)/g, 'Deadline exceeded, $1')
  return JSON.parse(text) as unknown
}
