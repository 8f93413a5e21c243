import type { EventData } from '@holdfast/core'
import * as z from 'zod'
import { digest, type Cause } from './cause.ts'

/** How soon somebody has to be refused again for it to count as over and over. */
export const REFUSED_AGAIN_WITHIN_MS = 5 * 60_000

/** Chains that are followed at once; of more, the one that was refused longest ago is forgotten. */
const CHAINS_MAX = 1_000

/** Lanes of all chains together, for the same reason: a request names many, and all are written down. */
export const CHAIN_LANES_MAX = 4_000

/** One holder that is refused again and again for the same lanes. */
export const RefusalChain = z.object({
  holder: z.string(),
  lanes: z.array(z.string()),
  runId: z.string().nullable(),
  /** The first refusal. */
  revision: z.int(),
  sinceMs: z.number(),
  lastMs: z.number(),
  /** Until when it waits in line without asking again. */
  waitsUntilMs: z.number(),
  /** Why the newest one was. */
  code: z.string(),
  /** The spans that were told. */
  told: z.array(z.number()),
})
export type RefusalChain = z.infer<typeof RefusalChain>

/**
 * Who was refused for how long: from the first refusal of a chain to the newest, or for as long as a place in the line is
 * kept. A grant on one of the lanes ends the chain, and so does a time without a refusal.
 */
export class Refusals {
  readonly #spansMs: readonly number[]
  readonly #chains: Map<string, RefusalChain>

  constructor(spansMs: readonly number[], chains: Iterable<readonly [string, RefusalChain]>) {
    this.#spansMs = spansMs
    this.#chains = new Map(chains)
  }

  get chains(): readonly (readonly [string, RefusalChain])[] {
    return [...this.#chains]
  }

  refused(
    { request, code, ticket }: EventData<'REFUSE'>,
    { revision, atMs }: { readonly revision: number; readonly atMs: number },
  ): Cause[] {
    const { holder, op, claims = [], runId = null } = request
    if (op !== 'acquire' || holder === undefined || claims.length === 0) return []
    const lanes = [...new Set(claims.map(({ lane }) => lane))]
    const key = digest(JSON.stringify([holder, lanes]))
    const known = this.#chains.get(key)
    const told = known === undefined ? [] : this.#reached(known, atMs)
    if (code === 'withdrawn') {
      if (known !== undefined) this.#chains.set(key, { ...known, waitsUntilMs: Math.min(known.waitsUntilMs, atMs) })
      return told
    }
    const isOld = known !== undefined && isOver(known, atMs)
    const waitsUntilMs = ticket === undefined ? atMs : atMs + ticket.ttlMs
    const next: RefusalChain =
      known === undefined || isOld
        ? { holder, lanes, runId, revision, sinceMs: atMs, lastMs: atMs, waitsUntilMs, code, told: [] }
        : { ...known, lastMs: atMs, waitsUntilMs, code }
    // The one that was refused last is the last to be forgotten.
    this.#chains.delete(key)
    this.#chains.set(key, next)
    this.#forgetOldest()
    return [...told, ...this.#reached(next, atMs)]
  }

  granted(holder: string, lane: string, atMs: number): Cause[] {
    const told: Cause[] = []
    for (const [key, chain] of this.#chains) {
      if (chain.holder !== holder || !chain.lanes.includes(lane)) continue
      told.push(...this.#reached(chain, atMs))
      this.#chains.delete(key)
    }
    return told
  }

  look(nowMs: number): Cause[] {
    const told: Cause[] = []
    for (const [key, chain] of this.#chains) {
      told.push(...this.#reached(chain, nowMs))
      if (isOver(chain, nowMs)) this.#chains.delete(key)
    }
    return told
  }

  #forgetOldest(): void {
    let named = 0
    for (const { lanes } of this.#chains.values()) named += lanes.length
    for (const [key, { lanes }] of this.#chains) {
      if (this.#chains.size <= CHAINS_MAX && named <= CHAIN_LANES_MAX) return
      this.#chains.delete(key)
      named -= lanes.length
    }
  }

  #reached(chain: RefusalChain, atMs: number): Cause[] {
    const refusedMs = Math.max(chain.lastMs, Math.min(atMs, chain.waitsUntilMs)) - chain.sinceMs
    const reached = this.#spansMs.filter(spanMs => refusedMs >= spanMs && !chain.told.includes(spanMs))
    chain.told = [...chain.told, ...reached]
    const { holder, lanes, runId, revision, sinceMs, code } = chain
    return reached.map(spanMs => ({
      kind: 'refused-for',
      spanMs,
      subject: `refused r${revision}`,
      sinceMs,
      spell: 0,
      lanes,
      holder,
      leaseId: null,
      token: null,
      runId,
      revision,
      reason: `was refused, or waits, since then; the newest reason is ${code}`,
    }))
  }
}

function isOver({ lastMs, waitsUntilMs }: RefusalChain, atMs: number): boolean {
  return atMs > Math.max(lastMs, waitsUntilMs) + REFUSED_AGAIN_WITHIN_MS
}
