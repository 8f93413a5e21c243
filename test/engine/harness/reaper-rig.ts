import { Reaper, type Ledger, type ReapAction, type ReaperOptions, type ReapUnit } from '@holdfast/engine'
import type { Fleet } from './fleet.ts'

/** A reaper with a ledger object of its own, and the effects that it ran. */
export interface Rig {
  readonly ledger: Ledger
  readonly reaper: Reaper
  readonly effects: ReapUnit[]
}

export async function rig(
  fleet: Fleet,
  name: string,
  options: Partial<ReaperOptions> = {},
  own?: Ledger,
): Promise<Rig> {
  const ledger = own ?? (await fleet.process())
  const effects: ReapUnit[] = []
  const reaper = new Reaper(ledger, {
    holder: name,
    intervalMs: 1000,
    timers: fleet.time.timers,
    boot: fleet.time.boot,
    probe: fleet.probe,
    random: () => 0.5,
    onReaped: unit => {
      effects.push(unit)
      return Promise.resolve()
    },
    ...options,
  })
  return { ledger, reaper, effects }
}

/** One tick, and time enough for its probes and pauses. */
export async function tick(fleet: Fleet, reaper: Reaper, spanMs = 500): Promise<readonly ReapAction[]> {
  const ticking = reaper.reapOnce()
  await fleet.time.to(fleet.time.nowMs + spanMs)
  return ticking
}

export const did = (actions: readonly ReapAction[]) => actions.map(({ result, disposition }) => [result, disposition])
