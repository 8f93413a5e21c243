import { stripVTControlCharacters } from 'node:util'
import type { Ledger } from '@holdfast/engine'
import { FleetReader } from '../../packages/cli/src/top/fleet-reader.ts'
import { FleetScreen } from '../../packages/cli/src/top/fleet-screen.ts'
import { haltSeen } from '../../packages/cli/src/top/halt-seen.ts'
import type { Key } from '../../packages/cli/src/top/screen-state.ts'
import type { Fleet } from '../engine/harness/fleet.ts'
import { settle } from '../setup/virtual-time.ts'

export const key = (name: Exclude<Key['key'], 'text'>): Key => ({ key: name })
export const text = (typed: string): Key => ({ key: 'text', text: typed })

/** The screen of `top` over a real ledger on virtual time. Only the terminal is not there: what is drawn is kept. */
export class Watched {
  readonly screen: FleetScreen
  size = { columns: 100, rows: 30 }
  looks = 0
  ended: { readonly error: unknown } | null = null
  #drawn: readonly string[] = []
  readonly #fleet: Fleet
  readonly #unlisten: () => void

  constructor(fleet: Fleet, ledger: Ledger, { holder = null }: { readonly holder?: string | null } = {}) {
    const reader = new FleetReader(ledger, { probe: fleet.probe })
    this.#fleet = fleet
    this.screen = new FleetScreen({
      ledger: ledger.stream,
      url: ledger.url,
      holder,
      everyMs: 1000,
      look: () => {
        this.looks += 1
        return reader.look()
      },
      why: leaseId => Promise.resolve([`because of ${leaseId}`]),
      halt: (target, reason) => haltSeen(ledger, target, reason),
      timers: fleet.time.timers,
      ownNowMs: () => fleet.time.nowMs,
      size: () => this.size,
      ended: error => (this.ended = { error }),
    })
    this.#unlisten = reader.listen(() => this.screen.hear())
    this.screen.begin({ draw: lines => (this.#drawn = lines), restore: () => {} })
  }

  /** What is on the screen, as text. */
  get shown(): string {
    return this.#drawn.map(line => stripVTControlCharacters(line)).join('\n')
  }

  /** The same with the colours. */
  get drawn(): readonly string[] {
    return this.#drawn
  }

  async press(...keys: readonly Key[]): Promise<void> {
    for (const each of keys) {
      this.screen.press(each)
      await settle()
    }
  }

  /** Lets time pass, and shows what is then. */
  async after(spanMs: number): Promise<string> {
    await this.#fleet.time.to(this.#fleet.time.nowMs + spanMs)
    return this.shown
  }

  end(): void {
    this.#unlisten()
    this.screen.end()
  }
}
