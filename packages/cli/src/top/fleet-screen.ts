import { StoreError } from '@holdfast/store'
import type { Timers } from '@holdfast/engine'
import { failureOf } from '../failure/failure.ts'
import { plain } from '../print/plain.ts'
import type { DrawnTerminal } from './ink-terminal.ts'
import { frame, pageRows, pageText, type FrameParts, type Size } from './frame.ts'
import { beforeFirst } from './header.ts'
import { HELP_LINES } from './help-lines.ts'
import { chosen } from './lease-order.ts'
import { ENTER, FIRST_STATE, pressed, type Key, type ScreenState, type Target, type Wish } from './screen-state.ts'
import type { Snapshot } from './snapshot.ts'
import { Watch, type Seen } from './watch.ts'

/** Ages grow while nothing happens. */
const REDRAW_MS = 1000

export interface FleetScreenOptions {
  readonly ledger: string
  readonly url: string
  readonly holder: string | null
  readonly everyMs: number
  readonly look: () => Promise<Snapshot>
  readonly why: (leaseId: string) => Promise<readonly string[]>
  readonly halt: (target: Target, reason: string) => Promise<readonly string[]>
  readonly timers: Timers
  readonly ownNowMs: () => number
  readonly size: () => Size
  /** Called once, with what went wrong or nothing. */
  readonly ended: (error?: unknown) => void
}

/** The screen of `top`: keys and snapshots come in, frames go out. It knows nothing of ink, nor of a store. */
export class FleetScreen {
  readonly #options: FleetScreenOptions
  readonly #watch: Watch
  readonly #beganMs: number
  #terminal: DrawnTerminal | null = null
  #state: ScreenState = FIRST_STATE
  /** Where the selected lease was drawn last. */
  #place = 0
  #chosen: { readonly of: Snapshot; readonly key: string; readonly leases: ReturnType<typeof chosen> } | null = null
  #cancelTick: () => void = () => {}

  constructor(options: FleetScreenOptions) {
    const { look, timers, ownNowMs, everyMs, ended } = options
    this.#options = options
    this.#beganMs = ownNowMs()
    const changed = (): void => this.redraw()
    this.#watch = new Watch({ look, passes: mayPass, timers, ownNowMs, everyMs, changed, failed: ended })
  }

  /** Begins to look and to draw. */
  begin(terminal: DrawnTerminal): void {
    this.#terminal = terminal
    this.#watch.hear()
    this.#tick()
  }

  end(): void {
    this.#watch.end()
    this.#cancelTick()
    this.#terminal = null
  }

  /** The log has new entries. */
  hear(): void {
    this.#watch.hear()
  }

  /** A slow line hands over several keys at once: each acts, or is typed where an earlier one asks for text. */
  press(key: Key): void {
    let rest = key.key === 'text' ? Array.from(key.text) : []
    if (rest.length <= 1) this.#pressOne(key)
    // Nobody can have confirmed what was not yet asked.
    else while (rest.length > 0 && this.#state.mode.kind !== 'confirm') rest = this.#pressFirst(rest)
    this.redraw()
  }

  /** Presses as many of the characters as belong together, and gives the others. */
  #pressFirst(characters: readonly string[]): string[] {
    const { kind } = this.#state.mode
    // A reason may be pasted with line ends in it, which must not end it.
    const end = kind === 'reason' ? -1 : characters.indexOf(ENTER)
    const typed = end === -1 ? characters.length : end
    const taken = kind === 'filter' || kind === 'reason' ? Math.max(1, typed) : 1
    const text = characters.slice(0, taken).join('')
    this.#pressOne(end === 0 ? { key: 'enter' } : { key: 'text', text: text.replaceAll(ENTER, ' ') })
    return characters.slice(taken)
  }

  #pressOne(key: Key): void {
    const { seen } = this.#watch
    const parts = seen === null ? null : this.#parts(seen)
    const size = this.#options.size()
    const { mode } = this.#state
    const around = {
      leases: parts?.leases ?? [],
      page: parts === null ? 1 : pageRows(parts, size),
      lines: mode.kind === 'page' && mode.lines !== null ? pageText(mode.lines, size.columns).length : 0,
    }
    const { state, wish } = pressed(this.#state, key, around)
    this.#state = state
    if (wish !== null) this.#grant(wish)
  }

  redraw(): void {
    const { size, ledger, ownNowMs } = this.#options
    const { seen, connection } = this.#watch
    const elapsedMs = ownNowMs() - this.#beganMs
    const lines = seen === null ? beforeFirst({ ledger, connection, elapsedMs }) : frame(this.#parts(seen), size())
    this.#terminal?.draw(lines)
  }

  #tick(): void {
    this.redraw()
    this.#cancelTick = this.#options.timers.after(REDRAW_MS, () => this.#tick())
  }

  /**
   * Keys work on the lease that is marked on the screen. One that is gone gives its place to the next, so that nothing
   * else moves under the keys.
   */
  #keepSelected(leases: FrameParts['leases']): void {
    const { selected } = this.#state
    const found = leases.findIndex(({ lease }) => lease.leaseId === selected)
    const place = selected === null ? 0 : found >= 0 ? found : Math.min(this.#place, leases.length - 1)
    this.#place = Math.max(0, place)
    this.#state = { ...this.#state, selected: leases[this.#place]?.lease.leaseId ?? null }
  }

  #parts({ snapshot, atMs, clockAtMs }: Seen): FrameParts {
    const { ledger, url, holder, ownNowMs } = this.#options
    const { order, filter } = this.#state
    const key = `${order} ${filter}`
    if (this.#chosen?.of !== snapshot || this.#chosen.key !== key) {
      this.#chosen = { of: snapshot, key, leases: chosen(snapshot.leases, { order, filter, holder }) }
    }
    const { leases } = this.#chosen
    this.#keepSelected(leases)
    return {
      ledger,
      url,
      holder,
      snapshot,
      leases,
      connection: this.#watch.connection,
      ageMs: ownNowMs() - atMs,
      nowMs: snapshot.nowMs + ownNowMs() - clockAtMs,
      state: this.#state,
    }
  }

  #grant(wish: Wish): void {
    const { why, halt, ended } = this.#options
    switch (wish.wish) {
      case 'end':
        ended()
        return
      case 'help':
        this.#page('help', HELP_LINES)
        return
      case 'why':
        void this.#ask(`why ${plain(wish.leaseId)}`, () => why(wish.leaseId))
        return
      case 'halt':
        void this.#ask(`halt ${plain(wish.target.leaseId)}`, () => halt(wish.target, wish.reason))
        return
    }
  }

  /** Shows the answer, if whoever asked still waits for it. */
  async #ask(title: string, answer: () => Promise<readonly string[]>): Promise<void> {
    const asking = this.#page(title, null)
    let lines: readonly string[]
    try {
      lines = await answer()
    } catch (error) {
      lines = [failureOf(error).message]
    }
    if (this.#state.mode !== asking) return
    this.#page(title, lines)
    this.redraw()
  }

  #page(title: string, lines: readonly string[] | null): ScreenState['mode'] {
    const mode = { kind: 'page', title, lines, top: 0 } as const
    this.#state = { ...this.#state, mode }
    return mode
  }
}

/** A store that is out of reach may come back. Nothing else that a store says gets better by asking again. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false
  return error.code === 'unavailable' || error.code === 'timeout-unknown-outcome'
}
