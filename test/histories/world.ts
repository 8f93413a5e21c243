import { Configuration, type Lease } from '@holdfast/core'
import { compactLedger, openLedgerOn, type HeldLease, type Ledger } from '@holdfast/engine'
import { StoreError, type LogStore } from '@holdfast/store'
import type { VirtualTime } from '../setup/virtual-time.ts'
import { isAround, type Around, type Move } from './moves.ts'
import type { Place } from './place.ts'
import { Referee } from './referee.ts'
import { slow, type Pace } from './slow-store.ts'

export const CONFIG = Configuration.parse({
  ttlDefaultMs: 900,
  graceMs: 300,
  ticketTtlMs: 600,
  refusalWindowMs: 200,
  requestMemoryMs: 2000,
})

/** Two ledger objects on one place, each at its own pace, and the referee who looks on. */
export class World {
  readonly #place: Place
  readonly #time: VirtualTime
  readonly #paces: readonly [Pace, Pace]
  readonly #pending = new Set<Promise<unknown>>()
  readonly #held: HeldLease[] = []
  readonly #unexpected: string[] = []
  #waits = new AbortController()
  #ledgers: Ledger[] = []
  #referee: Referee | null = null

  constructor(place: Place, time: VirtualTime, paces: readonly [Pace, Pace]) {
    this.#place = place
    this.#time = time
    this.#paces = paces
  }

  async begin(): Promise<void> {
    this.#ledgers = [await this.#open(this.#paces[0]), await this.#open(this.#paces[1])]
    this.#referee = new Referee(await this.#place.open(), 'default')
  }

  async faults(): Promise<readonly string[]> {
    const found = (await this.#referee?.faults(this.#ledgers)) ?? ['nothing was begun']
    return [...this.#unexpected, ...found]
  }

  async make(one: Move): Promise<void> {
    const { does, who } = one
    if (isAround(does)) await this.#around(does, who)
    else this.#start(this.#command(this.#ledger(who), one, does))
  }

  /** Every wait is given up and everything comes to its answer. */
  async settle(): Promise<void> {
    this.#waits.abort()
    this.#waits = new AbortController()
    await Promise.all(this.#pending)
  }

  async end(): Promise<void> {
    await this.settle()
    for (const ledger of this.#ledgers) await ledger.close()
    await this.#referee?.close()
  }

  async #open(pace: Pace): Promise<Ledger> {
    const store: LogStore = await this.#place.open()
    const opened = await openLedgerOn(store, { config: CONFIG, actor: null, create: true, ...this.#clocks() })
    await opened.close()
    const ledger = await openLedgerOn(slow(await this.#place.open(), pace), {
      actor: null,
      create: false,
      ...this.#clocks(),
    })
    // As after a wait that is over: it hears the log, and nobody listens.
    ledger.listen(() => undefined)()
    return ledger
  }

  #clocks() {
    return { bootClock: this.#time.boot, timers: this.#time.timers, compaction: { automatic: false } }
  }

  #ledger(who: number): Ledger {
    const ledger = this.#ledgers[who]
    if (ledger === undefined) throw new Error('there are two ledger objects')
    return ledger
  }

  /** What fails because the store does is no fault. */
  #start(command: Promise<unknown>): void {
    const settled = command.catch((error: unknown) => {
      const isFault = error instanceof StoreError && /^(unavailable|timeout-unknown-outcome)$/.test(error.code)
      if (!isFault) this.#unexpected.push(String(error))
    })
    this.#pending.add(settled)
    void settled.then(() => this.#pending.delete(settled))
  }

  async #command(ledger: Ledger, { lane, holder, turns }: Move, does: Exclude<Move['does'], Around>): Promise<unknown> {
    const lease = [...ledger.state.leases.values()].find(live => live.lane === lane) ?? NO_LEASE
    const { token } = lease
    switch (does) {
      case 'acquire':
        return ledger.acquire({ lane, holder })
      case 'wait':
        return ledger.acquire({ lane, holder }, { wait: turns > 3 ? '150ms' : '3s', signal: this.#waits.signal })
      case 'hold': {
        const asked = await ledger.hold({ lane, holder, wait: '150ms', signal: this.#waits.signal })
        return asked.outcome === 'granted' ? this.#held.push(asked.lease) : asked
      }
      case 'let-go':
        return this.#held.pop()?.release()
      case 'stop-waiting':
        this.#waits.abort()
        this.#waits = new AbortController()
        return undefined
      case 'beat':
        return ledger.heartbeat({ lane, token, holder: lease.holder })
      case 'release':
        return ledger.release({ lane, token, holder: lease.holder })
      case 'scavenge':
        return ledger.scavenge({ lane, token, force: turns > 0, disposition: 'failed' })
      case 'halt':
        return ledger.halt({ handle: 'stop', lane })
      case 'spawn':
        return ledger.spawn({ lane, holder })
      case 'checkpoint':
        return ledger.checkpoint()
      case 'configure':
        return ledger.configure({ ...ledger.config, refusalWindowMs: 200 + turns })
      case 'offset':
        return ledger.checkpoint({ offset: ledger.state.offset + 5 })
      case 'clock-offset':
        return ledger.checkpoint({ clockOffset: turns * 10 })
      case 'compact':
        return compactLedger(ledger)
      case 'compact-most':
        return compactLedger(ledger, { keepLast: { events: 3 } })
    }
  }

  async #around(does: Around, who: number): Promise<void> {
    switch (does) {
      case 'pass':
        return this.#time.to(this.#time.nowMs + 100)
      case 'pass-long':
        return this.#time.to(this.#time.nowMs + 1300)
      case 'reopen':
        return this.#reopen(who)
      case 'put-back':
        return this.#putBack()
    }
  }

  async #reopen(who: number): Promise<void> {
    await this.settle()
    await this.#ledger(who).close()
    const pace = this.#paces[who]
    if (pace !== undefined) this.#ledgers[who] = await this.#open(pace)
  }

  async #putBack(): Promise<void> {
    const from = await this.#place.open()
    const isPut = await this.#place.putBack(from)
    await from.close()
    if (!isPut) return
    await this.end()
    this.#held.length = 0
    await this.begin()
  }
}

const NO_LEASE: Pick<Lease, 'token' | 'holder'> = { token: 1 as Lease['token'], holder: 'H' as Lease['holder'] }
