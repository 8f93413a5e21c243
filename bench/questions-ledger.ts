import { copyFileSync } from 'node:fs'
import { compactLedger, openLedger, type LiveLedger } from '@holdfast/engine'
import { keepPast } from '@holdfast/projections/internal'
import { openStore } from '@holdfast/store'
import { growLongLedger } from './long-ledger.ts'

// A ledger of which one lane is asked about: the same few sessions on it, by the real rules, spread over a history of any length.

export const STREAM = 'default'
export const LANE = 'asked'
const SESSIONS = 10
const BEATS = 5

/** Events between two sessions come in such numbers, so that nothing of them lives on. */
const STEP = 64

export interface AskedLedger {
  readonly url: string
  /** Of a refusal that has just been recorded. */
  readonly refusal: number
}

const open = (url: string): Promise<LiveLedger> => openLedger(url, { compaction: { automatic: false } })

/** Makes a ledger of about so many events at a path where none is, with all that is kept of its past. */
export async function makeAskedLedger(path: string, events: number): Promise<string> {
  const url = `sqlite:${path}`
  const spacing = Math.ceil(events / SESSIONS / STEP) * STEP
  await (await open(url)).close()
  for (let session = 0; session < SESSIONS; session += 1) {
    await growLongLedger(url, spacing)
    await using ledger = await open(url)
    await holdAndRefuse(ledger)
  }
  await using store = await openStore(url)
  await keepPast(store, STREAM)
  await refuse(url)
  return path
}

/** The ledger at a path where one was made: a refusal is its newest event. */
export async function askedLedger(path: string): Promise<AskedLedger> {
  const url = `sqlite:${path}`
  await using store = await openStore(url)
  return { url, refusal: Number(await store.head(STREAM)) }
}

/** A copy of it whose log was cut at its head. */
export async function compactedCopy(from: string, to: string): Promise<void> {
  for (const suffix of ['', '.past']) copyFileSync(from + suffix, to + suffix)
  const url = `sqlite:${to}`
  {
    await using ledger = await open(url)
    await compactLedger(ledger)
  }
  await refuse(url)
}

async function holdAndRefuse(ledger: LiveLedger): Promise<void> {
  for (const holder of ['ada', 'bob']) {
    const held = await ledger.acquire({ lane: LANE, holder, ttl: '1h' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    const { token } = held.lease
    for (let beat = 0; beat < BEATS; beat += 1) {
      await ledger.heartbeat({ lane: LANE, holder, token, metadata: { beat: String(beat) } })
    }
    await ledger.acquire({ lane: LANE, holder: 'eve' })
    await ledger.release({ lane: LANE, holder, token })
  }
}

async function refuse(url: string): Promise<void> {
  await using ledger = await open(url)
  await ledger.acquire({ lane: LANE, holder: 'ada', ttl: '1h' })
  const refused = await ledger.acquire({ lane: LANE, holder: 'bob' })
  if (refused.outcome !== 'refused') throw new Error(refused.outcome)
}
