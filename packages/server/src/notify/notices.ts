import { pause } from '@holdfast/engine/internal'
import { serveFolder } from '@holdfast/engine/served'
import { DEFAULT_LEDGER, type ProcessProbe, type ProgressProbe, type Timers } from '@holdfast/engine'
import { DEFAULT_LIVENESS_SETTINGS, type LivenessSettings } from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import type { HostedLedgers } from '../hosted-ledgers.ts'
import type { Log } from '../log.ts'
import { LedgerNotices } from './ledger-notices.ts'
import { NoticeFile } from './notice-file.ts'
import { askedBy, type NotifyRule, type NotifyRules } from './rules.ts'
import { Lookout } from './sight.ts'

/** What is being told when a server ends gets this long. */
export const NOTICES_END_WITHIN_MS = 1_000

/** How long a ledger that cannot be opened is left in peace. */
const AGAIN_FIRST_MS = 1_000
const AGAIN_MAX_MS = 60_000

/** What a server is to tell, and by what it judges. */
export interface NotifyOptions {
  readonly rules: NotifyRules
  /** The ledger of rules that name none; default `default`. */
  readonly ledger?: string | undefined
  /** Where work shows beside the log, for `spinning`. */
  readonly probes?: readonly ProgressProbe[] | undefined
}

export interface NoticesParts extends NotifyOptions {
  readonly url: string
  readonly ledgers: HostedLedgers
  readonly timers: Timers
  readonly log: Log
  readonly liveness?: LivenessSettings | undefined
  readonly probe?: ProcessProbe | undefined
  /** From 0 to 1, for the pauses between tries; default `Math.random`. */
  readonly chance?: (() => number) | undefined
}

/** The notices of a server: of each ledger that a rule names. */
export class Notices {
  readonly #parts: NoticesParts
  readonly #ending = new AbortController()
  readonly #watched: LedgerNotices[] = []
  readonly #opening: Promise<unknown>

  constructor(parts: NoticesParts) {
    this.#parts = parts
    const byLedger = rulesByLedger(parts)
    this.#opening = Promise.all([...byLedger].map(([ledger, rules]) => this.#watch(ledger, rules)))
  }

  /** Gives what is being told its time, and leaves the rest to the next server, if there is to be one. */
  async end({ keep }: { readonly keep: boolean }): Promise<void> {
    this.#ending.abort()
    await this.#opening
    await Promise.all(this.#watched.map(watched => watched.end(NOTICES_END_WITHIN_MS, { keep })))
  }

  /** A ledger that is not there may be made later, and a store that fails may be there again. */
  async #watch(ledger: string, rules: readonly (readonly [string, NotifyRule])[]): Promise<void> {
    const { ledgers, timers, log } = this.#parts
    const { signal } = this.#ending
    for (let failed = 0; !signal.aborted; failed += 1) {
      try {
        const { store, stream } = (await ledgers.of(ledger)).hosted.ledger
        this.#watched.push(await LedgerNotices.begin({ store, stream, rules, ...this.#partsOf(ledger, rules) }))
        return
      } catch (error) {
        if (failed === 0) log.warn({ ledger, err: error }, 'no notices of this ledger yet: it cannot be opened')
        if (error instanceof StoreError && error.code === 'moved') return
        await pause(timers, Math.min(AGAIN_MAX_MS, AGAIN_FIRST_MS * 2 ** failed), signal)
      }
    }
  }

  #partsOf(ledger: string, rules: readonly (readonly [string, NotifyRule])[]) {
    const {
      url,
      timers,
      log,
      liveness: settings = DEFAULT_LIVENESS_SETTINGS,
      probe,
      chance = Math.random,
    } = this.#parts
    const asked = rules.flatMap(([, { on }]) => on.map(askedBy))
    const refusedForMs = [...new Set(asked.flatMap(({ spanMs }) => (spanMs === null ? [] : [spanMs])))]
    // Nobody walks a tree for what nobody asks.
    const probes = asked.some(({ kind }) => kind === 'spinning') ? (this.#parts.probes ?? []) : []
    return {
      settings: { haltOverdueMs: settings.haltOverdueMs, refusedForMs },
      lookout: new Lookout({ settings, probe, probes }),
      file: new NoticeFile(serveFolder(url), ledger),
      timers,
      log,
      chance,
    }
  }
}

function rulesByLedger({ rules, ledger = DEFAULT_LEDGER }: NotifyOptions) {
  const byLedger = new Map<string, (readonly [string, NotifyRule])[]>()
  for (const named of Object.entries(rules)) {
    for (const name of named[1].ledgers ?? [ledger]) byLedger.set(name, [...(byLedger.get(name) ?? []), named])
  }
  return byLedger
}
